import { expect, it } from "vitest";
import { bytesText, countOf, countText, playingTime } from "../../../src/print/output/numbers.ts";

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [999_949, "1.0 MB"],
  [15_243_000_000, "15.2 GB"],
  [210_000_000_000, "210 GB"],
])("%d bytes are %s", (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

it.each([
  [0, "0"],
  [999, "999"],
  [1000, "1,000"],
  [123_456, "123,456"],
  [1_234_567, "1,234,567"],
])("%d is written %s", (count, text) => {
  expect(countText(count)).toBe(text);
});

it("counts one and several", () => {
  expect([countOf(1, "song"), countOf(6000, "song"), countOf(0, "entry", "entries")]).toEqual([
    "1 song",
    "6,000 songs",
    "0 entries",
  ]);
});

it.each([
  [0, "0 min"],
  [0.2, "1 s"],
  [20, "20 s"],
  [59.4, "59 s"],
  [59.5, "1 min"],
  [3540, "59 min"],
  [45_000, "12 h 30 min"],
])("%d seconds play for %s", (seconds, text) => {
  expect(playingTime(seconds)).toBe(text);
});
