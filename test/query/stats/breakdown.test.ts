import { afterEach, beforeEach, expect, it } from "vitest";
import { BREAKDOWNS, breakdown, totals } from "../../../src/query/stats/breakdown.ts";
import { makeLibrary, type Library } from "../library.ts";

let library: Library;
beforeEach(() => void (library = makeLibrary()));
afterEach(() => library[Symbol.dispose]());

const MAY = Date.UTC(2026, 4, 31, 23, 59);

function fill(): void {
  library.clip("a", { durationSeconds: 90, createdAt: MAY, model: "FUZZ-1.0" });
  library.clip("b", { durationSeconds: 60, createdAt: MAY + 60_000 });
  library.clip("c", { durationSeconds: null, createdAt: null, model: null, state: "pending" });
  library.file("a", { bytes: 500 });
  library.file("a", { kind: "image", bytes: 50 });
  library.file("b", { bytes: 300 });
  library.file("b", { kind: "image", state: "failed" });
  library.task("w", { model: null, action: null, createdAt: MAY });
  library.file(null, { taskId: "w", kind: "wav", bytes: 7 });
}

it("adds up", () => {
  fill();
  expect(totals(library.db)).toEqual({
    tasks: 4,
    clips: 3,
    minutes: 2.5,
    files: 4,
    bytes: 857,
    firstCreatedAt: "2026-05-31T23:59:00.000Z",
    lastCreatedAt: "2026-06-01T00:00:00.000Z",
  });
});

it("breaks down by model, a file of a whole task with its task", () => {
  fill();
  expect(breakdown(library.db, "model")).toEqual([
    { key: null, clips: 1, minutes: 0, files: 1, bytes: 7 },
    { key: "FUZZ-1.0", clips: 1, minutes: 1.5, files: 2, bytes: 550 },
    { key: "FUZZ-2.0", clips: 1, minutes: 1, files: 1, bytes: 300 },
  ]);
});

it("breaks down by month and day in UTC, in their order", () => {
  fill();
  expect(breakdown(library.db, "month").map(({ key, clips }) => [key, clips])).toEqual([
    [null, 1],
    ["2026-05", 1],
    ["2026-06", 1],
  ]);
  expect(breakdown(library.db, "day").map(({ key }) => key)).toEqual([null, "2026-05-31", "2026-06-01"]);
});

it.each(BREAKDOWNS)("by %s comes to the totals", (by) => {
  fill();
  const groups = breakdown(library.db, by);
  const { clips, files, bytes, minutes } = totals(library.db);
  const sum = (name: "clips" | "files" | "bytes" | "minutes") => groups.reduce((all, group) => all + group[name], 0);
  expect({ clips: sum("clips"), files: sum("files"), bytes: sum("bytes"), minutes: sum("minutes") }).toEqual({
    clips,
    files,
    bytes,
    minutes,
  });
});

it("gives zeros for an empty archive", () => {
  expect(totals(library.db)).toEqual({
    tasks: 0,
    clips: 0,
    minutes: 0,
    files: 0,
    bytes: 0,
    firstCreatedAt: null,
    lastCreatedAt: null,
  });
  expect(breakdown(library.db, "month")).toEqual([]);
});
