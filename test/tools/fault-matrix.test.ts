import { expect, test } from "vitest";
import { packageRoot } from "../../src/lib/package-root.ts";
import { FAULT_CASES } from "../../tools/fault-cases.ts";
import { coverage, strayTitles } from "../../tools/fault-matrix.ts";
import { WITHOUT_TEST } from "../../tools/faults-without-test.ts";

const cases = coverage(packageRoot());

test("every case of the fault matrix has a test that names it, or a reason why there is none", () => {
  const bare = cases.filter(({ tests, reason }) => tests.length === 0 && reason === undefined);
  expect(bare.map(({ id, priority, fault }) => `${id} P${priority} ${fault}`)).toEqual([]);
});

test("no case with a test is listed as one without", () => {
  const both = cases.filter(({ tests, reason }) => tests.length > 0 && reason !== undefined);
  expect(both.map(({ id, tests }) => `${id} ${tests[0]?.file}`)).toEqual([]);
  const known = new Set(FAULT_CASES.map(({ id }) => id));
  expect(Object.keys(WITHOUT_TEST).filter((id) => !known.has(id))).toEqual([]);
});

test("no title names a case that the matrix does not have", () => {
  expect(strayTitles(packageRoot())).toEqual([]);
});
