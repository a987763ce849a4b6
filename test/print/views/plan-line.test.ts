import { expect, it, test } from "vitest";
import { planLine, sizeLine } from "../../../src/print/views/plan-line.ts";

const HOME = "/home/me/mirror";
const FIRST = {
  type: "planned" as const,
  home: HOME,
  tracked: 6000,
  due: 6000,
  requests: 120,
  ratePerSecond: 1,
  wanted: 0,
  freeBytes: 210e9,
};

test.each([
  ["a first sync", {}, "6,000 tracked · 120 requests, about 2 min · 210 GB free"],
  [
    "a later one",
    { due: 3, requests: 1, wanted: 1 },
    "6,000 tracked · 3 to request · 1 request · 1 file to fetch · 210 GB free",
  ],
  ["files alone", { due: 0, requests: 0, wanted: 14 }, "6,000 tracked · 14 files to fetch · 210 GB free"],
  ["a folder whose free space is not known", { freeBytes: null, ratePerSecond: 0 }, "6,000 tracked · 120 requests"],
])("the line that %s begins with", (_name, differs, line) => {
  expect(planLine({ ...FIRST, ...differs })).toBe(`${HOME} · ${line}`);
});

it("tells the size of all from the first files, songs that are not yet asked for included", () => {
  const seen = { due: 6000, answered: 50, wanted: 100, stored: 20, storedBytes: 25e6 };
  expect(sizeLine(seen)).toBe("size after 20 files: about 15.0 GB");
  expect(sizeLine({ ...seen, due: 0, answered: 0 })).toBe("size after 20 files: about 125 MB");
});
