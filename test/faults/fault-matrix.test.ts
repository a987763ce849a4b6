import { expect, test } from "vitest";
import { packageRoot } from "../../src/lib/package-root.ts";
import { coverage } from "../../tools/fault-matrix.ts";

test("every case of the fault matrix has a test that names it, or a reason why there is none", () => {
  const bare = coverage(packageRoot()).filter(({ tests, reason }) => tests.length === 0 && reason === undefined);
  expect(bare.map(({ id, priority, fault }) => `${id} P${priority} ${fault}`)).toEqual([]);
});
