import { expect, it } from "vitest";
import { DiskError, IntegrityError } from "../../src/lib/errors.ts";
import { emptyTally, forgetProblems, toProblem, type RunProblem } from "../../src/sync/tally.ts";

it("what is thrown is a problem with its own exit, code, message and hint", () => {
  expect(toProblem(new IntegrityError("damaged", { code: "c", hint: "h" }), "/home")).toEqual({
    exit: 4,
    code: "c",
    message: "damaged",
    hint: "h",
  });
  expect(toProblem(new DiskError("full"), "/home")).toMatchObject({ exit: 7, code: "disk", message: "full" });
});

it("an error of the database is a problem of the disk; anything else is unexpected", () => {
  expect(
    toProblem(Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" }), "/home"),
  ).toMatchObject({ exit: 7 });
  for (const [thrown, text] of [
    [new TypeError("a bug"), "a bug"],
    ["words", "words"],
    [null, "null"],
    [undefined, "undefined"],
  ] as const)
    expect(toProblem(thrown, "/home")).toEqual({ exit: 1, code: "unexpected", message: `unexpected: ${text}` });
});

it("the problems of one file are forgotten, and no others", () => {
  const tally = emptyTally();
  const of = (assetId?: number): RunProblem => ({
    exit: 3,
    code: "c",
    message: "m",
    ...(assetId !== undefined && { assetId }),
  });
  tally.problems = [of(1), of(2), of(), of(1)];
  forgetProblems(tally, 1);
  expect(tally.problems).toEqual([of(2), of()]);
});
