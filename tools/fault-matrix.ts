import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FAULT_CASES, type FaultCase } from "./fault-cases.ts";
import { WITHOUT_TEST } from "./faults-without-test.ts";

export type Covered = FaultCase & { tests: { file: string; title: string }[]; reason: string | undefined };

/** A title in quotes that begins with the numbers of its cases, such as `"D58, D63: …"`, or a case in a table of tests. */
const TITLE = /(["'`])((?:[A-O]\d+(?:, |,| )?)+):? ?((?:(?!\1).)*)\1/g;

/** Each case of the matrix with the tests whose titles name it; a reason where there is none. */
export function coverage(root: string): Covered[] {
  const files = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  const found = new Map<string, Covered["tests"]>();
  for (const file of files.toSorted()) {
    const text = readFileSync(join(root, "test", file), "utf8");
    for (const [, , ids = "", title = ""] of text.matchAll(TITLE))
      for (const id of ids.match(/[A-O]\d+/g) ?? []) found.set(id, [...(found.get(id) ?? []), { file, title }]);
  }
  return FAULT_CASES.map((one) => ({ ...one, tests: found.get(one.id) ?? [], reason: WITHOUT_TEST[one.id] }));
}

if (import.meta.main) {
  const cases = coverage(join(import.meta.dirname, ".."));
  for (const { id, priority, fault, tests, reason } of cases) {
    console.log(`${id} P${priority} ${fault}`);
    for (const { file, title } of tests) console.log(`     ${file}: ${title === "" ? "(a table)" : title}`);
    if (tests.length === 0) console.log(`     none: ${reason ?? "?"}`);
  }
  const [covered, excused] = [
    cases.filter(({ tests }) => tests.length > 0),
    cases.filter(({ tests }) => tests.length === 0),
  ];
  console.log(`${covered.length} of ${cases.length} cases have tests, ${excused.length} have a reason`);
}
