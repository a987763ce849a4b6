import { expect, it, test } from "vitest";
import { planLine } from "../../../src/print/views/plan-line.ts";
import { estimate, sizeLine, timeLeft } from "../../../src/print/views/estimate.ts";
import { FailedFiles } from "../../../src/print/views/failed-files.ts";
import type { AssetRow } from "../../../src/db/schema.ts";

const HOME = "/home/me/mirror";
const FIRST = {
  type: "planned" as const,
  home: HOME,
  tracked: 6000,
  due: 6000,
  requests: 120,
  ratePerSecond: 1,
  wanted: {},
  meanBytes: {},
  freeBytes: 210e9,
};

test.each([
  ["a first sync", {}, "6,000 tracked · 120 requests, about 2 min · 210 GB free"],
  [
    "a later one",
    { due: 3, requests: 1, wanted: { image: 1 } },
    "6,000 tracked · 3 to request · 1 request · 1 file to fetch · 210 GB free",
  ],
  [
    "files alone",
    { due: 0, requests: 0, wanted: { audio: 7, image: 7 } },
    "6,000 tracked · 14 files to fetch · 210 GB free",
  ],
  ["a folder whose free space is not known", { freeBytes: null, ratePerSecond: 0 }, "6,000 tracked · 120 requests"],
])("the line that %s begins with", (_name, differs, line) => {
  expect(planLine({ ...FIRST, ...differs })).toBe(`${HOME} · ${line}`);
});

const NOTHING = { planned: {}, named: {}, stored: {}, storedBytes: {}, failed: {}, meanBefore: {} };

/** A first sync whose first songs are here: songs come before covers. */
const SONGS = { ...NOTHING, named: { audio: 50, image: 50 }, stored: { audio: 20 }, storedBytes: { audio: 50e6 } };

it("tells the size of all from the first songs, those that are not yet asked for included, and counts what it cannot know", () => {
  expect(sizeLine({ ...SONGS, due: 6000, answered: 50 })).toBe("size after 20 files: about 15.0 GB, and 6,000 covers");
  const covers = { stored: { audio: 20, image: 5 }, storedBytes: { audio: 50e6, image: 5e5 } };
  expect(sizeLine({ ...SONGS, ...covers, due: 50, answered: 50 })).toBe("size after 25 files: about 130 MB");
  expect(sizeLine({ ...SONGS, due: 50, answered: 50, meanBefore: { image: 1e6 } })).toBe(
    "size after 20 files: about 175 MB",
  );
});

it("takes a cover for a cover: each kind has its own mean, and what failed is not to come", () => {
  const seen = {
    ...SONGS,
    due: 50,
    answered: 50,
    stored: { audio: 50, image: 10 },
    storedBytes: { audio: 150e6, image: 1e6 },
  };
  expect(estimate(seen)).toEqual({ bytes: 155e6, bytesLeft: 4e6, unknown: {} });
  expect(estimate({ ...seen, failed: { image: 40 } }).bytesLeft).toBe(0);
  expect(estimate({ ...seen, due: 0, answered: 0, planned: { wav: 7 } }).unknown).toEqual({ wav: 7 });
});

it("tells the time that is left only where it is known", () => {
  const seen = { ...SONGS, due: 50, answered: 50 };
  expect(timeLeft(seen, 1e6)).toBe("75 s left, then 50 covers");
  expect(timeLeft({ ...seen, meanBefore: { image: 1e6 } }, 1e6)).toBe("3 min left");
  expect(timeLeft(seen, 0)).toBeUndefined();
  expect(timeLeft({ ...seen, stored: { audio: 19 } }, 1e6)).toBeUndefined();
  expect(timeLeft({ ...seen, named: { audio: 20 } }, 1e6)).toBeUndefined();
});

it("gives a host that is down one line, and each reason once", () => {
  const failures = new FailedFiles();
  const fail = (host: string, message: string) => {
    const asset = { url: `https://${host}/${failures.count}`, kind: "audio", clipId: `c${failures.count}` } as AssetRow;
    failures.add({ type: "assetFailed", asset, message, nextAttemptAt: null });
  };
  for (let n = 0; n < 368; n++) fail("down.example", "down.example cannot be reached: ECONNREFUSED");
  fail("other.example", "other.example answered 503");
  for (let n = 1; n < 6; n++) fail("cut.example", `${n} of 100 bytes arrived`);
  fail("cut.example", "cut.example answered 503");
  expect(failures.lines()).toEqual([
    "down.example: 368 files failed: cannot be reached: ECONNREFUSED",
    "audio of c368: other.example answered 503",
    "cut.example: 6 files failed: 5 × such as 1 of 100 bytes arrived; 1 × answered 503",
  ]);
});
