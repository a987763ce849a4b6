import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { packageRoot } from "../../src/lib/package-root.ts";
import { applyBug } from "../../tools/plant-bug.ts";
import { PLANTED_BUGS } from "../../tools/planted-bugs.ts";

/** `node tools/plant-bugs.ts` shows that a test fails with each; here only that each can still be planted. */
describe("the planted bugs", () => {
  test.for(PLANTED_BUGS)("$name: its patch applies, its tests are there", (bug) => {
    expect(applyBug(packageRoot(), bug).size).toBeGreaterThan(0);
    for (const file of bug.tests) expect([file, existsSync(join(packageRoot(), file))]).toEqual([file, true]);
  });
});
