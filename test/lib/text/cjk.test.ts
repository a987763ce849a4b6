import fc from "fast-check";
import { expect, it } from "vitest";
import { joinCjk, separateCjk } from "../../../src/lib/text/cjk.ts";

const parts = (text: string) => separateCjk(text).split("\u200b").filter(Boolean);

it.each([
  ["春の夜", ["春", "の", "夜"]],
  ["love中文 song", ["love", "中", "文", " song"]],
  ["カラオケー", ["カ", "ラ", "オ", "ケ", "ー"]],
  ["ｶﾗｵｹ", ["ｶ", "ﾗ", "ｵ", "ｹ"]],
  ["사랑해", ["사", "랑", "해"]],
  ["人々", ["人", "々"]],
  ["𠮷野家", ["𠮷", "野", "家"]],
])("separates %s", (text, expected) => {
  expect(parts(text)).toEqual(expected);
});

it("puts a voiced kana together that comes as two characters", () => {
  expect(parts("か\u3099")).toEqual(["が"]);
});

it("hands other text back as it is", () => {
  expect(separateCjk("Ünïcode, кириллица, 123 👍")).toBe("Ünïcode, кириллица, 123 👍");
});

it("is undone by joinCjk", () => {
  const text = fc
    .array(fc.constantFrom("中", "文", "の", "ー", "a", " ", "é", "👍", "。", "한"))
    .map((all) => all.join(""));
  fc.assert(
    fc.property(text, (original) => {
      expect(joinCjk(separateCjk(original))).toBe(original);
    }),
  );
});
