import { expect, test } from "vitest";
import { oneLine } from "../../../../src/export/songs/plan/texts.ts";

test.each([
  ["two\r\nlines\u2028and more ", "two lines and more"],
  ["zero\u200bwidth \u{e0041}tag \u202eturned \ue000own", "zerowidth tag turned own"],
  ["👩‍👩‍👧 ❤️ می\u200cخواهم", "👩‍👩‍👧 ❤️ می\u200cخواهم"],
  ["\u200b\u2060\u{e0041}", ""],
  ["\u200d\ufe0f ", ""],
  ["", ""],
])("one line of %j is %j", (text, expected) => {
  expect(oneLine(text)).toBe(expected);
});
