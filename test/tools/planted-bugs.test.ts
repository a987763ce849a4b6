import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PLANTED_BUGS } from "../../tools/planted-bugs.ts";

const ROOT = join(import.meta.dirname, "../..");

/** A patch that no longer fits would be found only when all of them are planted, which takes long. */
test.each(PLANTED_BUGS)("$name can be planted: what it replaces is in the source once", ({ patches, tests }) => {
  for (const [file, find] of patches)
    expect(readFileSync(join(ROOT, file), "utf8").split(find).length, `${file}: ${find}`).toBe(2);
  expect(tests.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
});
