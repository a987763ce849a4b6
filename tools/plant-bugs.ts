import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { plantBug } from "./plant-bug.ts";
import { PLANTED_BUGS, type PlantedBug } from "./planted-bugs.ts";

/**
 * Plants known bugs one by one in a copy of the project and shows the test that fails with each. Ends with 1 when one is
 * not caught, does not apply, or its tests fail without it too. `node tools/plant-bugs.ts lock CSV` plants those whose
 * names hold one of the words.
 */
const root = join(import.meta.dirname, "..");
/** A bug may also make a test run for ever. */
const PATIENCE_MS = 180_000;

process.exitCode = await main(process.argv.slice(2));

async function main(words: string[]): Promise<number> {
  const copy = await copyProject();
  const bugs = PLANTED_BUGS.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
  let bad = 0;
  try {
    for (const bug of bugs) {
      const { caughtBy, trouble } = await tryBug(copy, bug);
      if (trouble !== undefined) bad++;
      console.log(`${trouble === undefined ? "caught " : "MISSED "} ${bug.name}: ${trouble ?? caughtBy}`);
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  console.log(`${bugs.length - bad} of ${bugs.length} caught`);
  return bad === 0 ? 0 : 1;
}

/** All files that git knows or would take, with the packages of this checkout. */
async function copyProject(): Promise<string> {
  const copy = mkdtempSync(join(tmpdir(), "mirror-planted-"));
  const { stdout } = await execa("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
  });
  for (const file of stdout.split("\0").filter((name) => name !== "")) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file), { force: true, errorOnExist: false });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  return copy;
}

type Tried = { caughtBy?: string; trouble?: string };

async function tryBug(copy: string, bug: PlantedBug): Promise<Tried> {
  try {
    const sound = await runTests(copy, bug);
    if (sound.length > 0) return { trouble: `fails without the bug too: ${sound[0]}` };
    using _planted = plantBug(copy, bug);
    const [first, ...more] = await runTests(copy, bug);
    if (first === undefined) return { trouble: `no test of ${bug.tests.join(", ")} fails` };
    return { caughtBy: `${first}${more.length > 0 ? ` (and ${more.length} more)` : ""}` };
  } catch (error) {
    return { trouble: (error as Error).message };
  }
}

/** Titles of the tests that fail. */
async function runTests(copy: string, { tests, titles }: PlantedBug): Promise<string[]> {
  const results = join(copy, "results.json");
  rmSync(results, { force: true });
  await execa("node", ["tools/build.ts"], { cwd: copy });
  const args = ["run", ...tests, ...(titles === undefined ? [] : ["-t", titles])];
  const { timedOut } = await execa("vitest", [...args, "--reporter=json", `--outputFile=${results}`], {
    cwd: copy,
    preferLocal: true,
    localDir: root,
    reject: false,
    timeout: PATIENCE_MS,
    forceKillAfterDelay: 1000,
    env: { CI: "true" },
  });
  if (timedOut) return [`${tests.join(", ")} does not end`];
  return failedTitles(results);
}

function failedTitles(path: string): string[] {
  type Report = {
    testResults: { name: string; status: string; assertionResults: { fullName: string; status: string }[] }[];
  };
  const { testResults } = JSON.parse(readFileSync(path, "utf8")) as Report;
  const ran = testResults.flatMap((file) => file.assertionResults.filter(({ status }) => status !== "skipped"));
  if (ran.length === 0) throw new Error("not one of its tests ran");
  const broken = testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
  const failed = ran.filter(({ status }) => status === "failed").map(({ fullName }) => fullName);
  return [...failed, ...broken.map(({ name }) => `${name} cannot be read`)];
}
