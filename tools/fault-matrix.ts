import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FAULT_CASES, type FaultCase } from "./fault-cases.ts";
import { WITHOUT_TEST } from "./faults-without-test.ts";

export type Covered = FaultCase & { tests: { file: string; title: string }[]; reason: string | undefined };

/** A title in quotes that begins with the numbers of its cases, such as `"D58, D63: …"`, or a case in a table of tests. */
const TITLE = /(["'`])((?:[A-O]\d+(?:, |,| )?)+):? ?((?:(?!\1).)*)\1/g;

/** `I9`: a promise that is tested by itself. `C1`, `M4`: words of other trades; no case beyond A9 has one digit. */
const NO_CASE = /^(I\d\d?|[A-O]\d)$/;

/** Each case of the matrix with the tests whose titles name it; a reason where there is none. */
export function coverage(root: string): Covered[] {
  const found = namedIn(root);
  return FAULT_CASES.map((one) => ({ ...one, tests: found.get(one.id) ?? [], reason: WITHOUT_TEST[one.id] }));
}

/** Titles that begin with the number of a case which is not in the matrix, such as a slip of its letter. */
export function strayTitles(root: string): string[] {
  const known = new Set(FAULT_CASES.map(({ id }) => id));
  const stray = [...namedIn(root)].filter(([id]) => !known.has(id) && !NO_CASE.test(id));
  return stray.flatMap(([id, tests]) => tests.map(({ file, title }) => `${file}: ${id}: ${title}`));
}

function namedIn(root: string): Map<string, Covered["tests"]> {
  const files = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  const found = new Map<string, Covered["tests"]>();
  for (const file of files.toSorted()) {
    const text = readFileSync(join(root, "test", file), "utf8");
    for (const [, , ids = "", title = ""] of text.matchAll(TITLE))
      for (const id of ids.match(/[A-O]\d+/g) ?? []) found.set(id, [...(found.get(id) ?? []), { file, title }]);
  }
  return found;
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
