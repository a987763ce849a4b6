import fc from "fast-check";
import { expect, it } from "vitest";
import { firstWord, refuseBeforePrepare, refuseBeforeRun } from "../../../src/query/sql/gate.ts";

it.each([
  ["select 1", "select"],
  [" \t\r\n\f\ufeff-- a\n/* b */Values (1)", "Values"],
  ["/**/with", "with"],
  ["/* never closed", undefined],
  ["-- select", undefined],
  ["", undefined],
  ["(select 1)", "("],
  ["\u00a0select", "\u00a0"],
  ["select/**/1", "select"],
  ["select_1", "select_"],
])("the first word of %j is %j", (sql, word) => {
  expect(firstWord(sql)).toBe(word);
});

it("refuses every first word but the four", () => {
  const statements = ["attach", "vacuum", "pragma", "insert", "begin", "reindex", "selec", "explainx", ";", "1"];
  for (const word of statements) expect(refuseBeforePrepare(`${word} x`)).toBeDefined();
  for (const word of ["select", "WITH", "Values", "explain"]) expect(refuseBeforePrepare(`${word} x`)).toBeUndefined();
});

it("lets remarks hide nothing", () => {
  const remark = fc.oneof(
    fc.string().map((text) => `/*${text.replaceAll("*/", "")}*/`),
    fc.string().map((text) => `--${text.replaceAll("\n", "")}\n`),
    fc.constantFrom(" ", "\n", "\t", "\r", "\f"),
  );
  fc.assert(
    fc.property(fc.array(remark), (remarks) => {
      const before = remarks.join("").replaceAll("\0", "").replaceAll("/*/", "/* /");
      expect(refuseBeforePrepare(`${before}attach 'x' as y`)).toBeDefined();
    }),
  );
});

it("runs only what reads and gives rows", () => {
  expect(refuseBeforeRun({ reader: true, readonly: true })).toBeUndefined();
  expect(refuseBeforeRun({ reader: true, readonly: false })).toMatch(/would write/);
  expect(refuseBeforeRun({ reader: false, readonly: true })).toMatch(/returns no rows/);
});
