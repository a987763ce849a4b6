import { eq } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { syncRuns, taskDocuments, tasks } from "../../../src/db/schema.ts";
import type { Change } from "../../../src/query/history/change.ts";
import { changes } from "../../../src/query/history/changes.ts";
import { changesSince } from "../../../src/query/history/since.ts";
import { runCommand } from "../../cli/run-command.ts";
import { CREATED, makeLibrary, type Library } from "../library.ts";

const DAY = 86_400_000;
const SINCE = CREATED + DAY;
const LATER = SINCE + 1000;
let library: Library;

beforeEach(() => {
  library = makeLibrary();
});
afterEach(() => library[Symbol.dispose]());

const song = (id: string, state: string, url: string) =>
  JSON.stringify({
    id,
    type: "audios",
    finished_at: 1,
    response: { data: [{ id: `${id}-c`, state, audio_url: url }] },
  });
const OPEN = (id: string) =>
  JSON.stringify({ id, type: "audios", response: { data: [{ id: `${id}-c`, state: "pending" }] } });
const FAILED = (id: string) => JSON.stringify({ id, response: { error: { code: "api_error", message: "no" } } });

/** A task known before, of which a second version came since. */
function twice(id: string, first: string, second: string, state: string): void {
  library.task(id, { document: first, state, documentVersion: 2, updatedAt: LATER });
  library.db
    .insert(taskDocuments)
    .values({ taskId: id, version: 2, kind: "record", fetchedAt: LATER, sha256: "1".repeat(64), document: second })
    .run();
}

const reported = (since = SINCE) => changes(library.db, { since, goneCheckIntervalMs: 30 * DAY });
const short = (rows: Change[]) => rows.map(({ change, kind, id }) => `${change} ${kind} ${id}`).toSorted();

describe("changes", () => {
  it("tells new, finished, healed and changed tasks apart, by their kept versions", () => {
    library.task("still");
    library.task("new", { firstSeenAt: LATER, updatedAt: LATER });
    library.clip("new-c", { taskId: "new", firstSeenAt: LATER });
    const url = "https://a.com/1dd08826-478e-43a6-868f.m4a";
    twice("done", OPEN("done"), song("done", "succeeded", url), "succeeded");
    twice("well", FAILED("well"), song("well", "succeeded", url), "succeeded");
    twice("turned", song("turned", "succeeded", `${url}?a`), song("turned", "succeeded", `${url}?b`), "succeeded");
    twice("other", song("other", "succeeded", url), song("other", "done", url), "succeeded");
    expect(short(reported())).toEqual([
      "changed task other",
      "changed task turned",
      "finished task done",
      "healed task well",
      "new clip new-c",
      "new task new",
    ]);
    const detail = Object.fromEntries(reported().map((row) => [row.id, row.detail]));
    expect(detail).toMatchObject({
      done: "pending → succeeded",
      well: "failed → succeeded",
      turned: "only URLs rotated",
      other: "response.data[0].state",
    });
  });

  it("names a version that is current again, and counts the fields that differ", () => {
    twice("back", song("back", "done", "https://a/1"), song("back", "done", "https://a/1"), "succeeded");
    twice("much", '{"id":"much"}', '{"id":"much","a":1,"b":2,"c":3,"d":4}', "pending");
    expect(reported().map(({ detail }) => detail)).toEqual([
      "an earlier version is current again",
      "a, b, c and 1 more",
    ]);
  });

  it("tells vanished tasks, healed and gone files, and which of these is not certain", () => {
    library.clip("c");
    library.tracked("never", { missingSince: LATER, state: "missing" });
    library.tracked("long ago", { missingSince: CREATED, state: "missing" });
    library.file("c", { kind: "audio", storedAt: LATER, attempts: 3 });
    library.file("c", { kind: "wav", storedAt: LATER, attempts: 1 });
    const gone = { state: "gone", misses: 2 };
    library.file("c", { kind: "image", ...gone, firstMissAt: SINCE, nextAttemptAt: LATER + 30 * DAY });
    library.file("c", { kind: "video", ...gone, firstMissAt: CREATED, nextAttemptAt: LATER + 30 * DAY });
    library.file("c", { kind: "stems", ...gone, firstMissAt: CREATED, nextAttemptAt: CREATED + 30 * DAY });
    const rows = reported().map(({ change, certain, detail }) => `${change} ${certain} ${detail}`);
    expect(rows.toSorted()).toEqual([
      "gone false video: 2 misses",
      "gone true image: 2 misses",
      "healed true audio: stored at try 3",
      "vanished true never mirrored",
    ]);
  });

  it("is in the order of time, and empty where nothing changed", () => {
    expect(reported()).toEqual([]);
    library.task("b", { firstSeenAt: LATER + 1, updatedAt: LATER + 1 });
    library.task("a", { firstSeenAt: LATER, updatedAt: LATER });
    expect(reported().map(({ id }) => id)).toEqual(["a", "b"]);
    expect(library.db.select().from(tasks).where(eq(tasks.id, "a")).get()?.firstSeenAt).toBe(LATER);
  });
});

describe("changesSince", () => {
  const NOW = Date.UTC(2026, 10, 23);
  const run = (startedAt: number) =>
    library.db.insert(syncRuns).values({ trigger: "manual", pid: 1, host: "h", startedAt }).run();

  it.each([
    ["7d", NOW - 7 * DAY],
    ["1h30m", NOW - 5_400_000],
    ["1.5h", NOW - 5_400_000],
    ["2026", Date.UTC(2026)],
    ["2026-11", Date.UTC(2026, 10)],
    ["2026-11-22T18:30:00Z", Date.UTC(2026, 10, 22, 18, 30)],
    ["1", 1000],
    ["2", 2000],
    [undefined, 2000],
  ])("%s", (text, at) => {
    run(1000);
    run(2000);
    expect(changesSince(library.db, text, NOW).at).toBe(at);
  });

  it("is the beginning of all where there was no run", () => {
    expect(changesSince(library.db, undefined, NOW).at).toBe(0);
  });

  it.each([
    ["3", "there is no run 3"],
    ["99999999999999999999", "there is no run"],
    ["someday", "a run's number, a date or a length of time"],
    ["", "a run's number"],
    ["2026-02-30", "a run's number"],
    ["-7d", "a run's number"],
    ["7x", "--since"],
  ])("refuses %j", (text, message) => {
    expect(() => changesSince(library.db, text, NOW)).toThrow(message);
  });
});

describe("the command", () => {
  it("prints a table with counts, and JSON", async () => {
    library.task("a", { title: "Neon\u001b[2J" });
    const { stdout, stderr, exitCode } = await runCommand(library.home, ["changes"]);
    expect(exitCode).toBe(0);
    expect(stderr.split("\n")[0]).toBe(library.home);
    expect(stderr).toContain("1 new since the beginning");
    expect(stdout).toContain("Neon\\u001b[2J");
    const json = JSON.parse(
      (await runCommand(library.home, ["changes", "--since", "2026", "--json"])).stdout,
    ) as object;
    expect(json).toMatchObject([{ change: "new", kind: "task", id: "a", certain: true }]);
    expect((await runCommand(library.home, ["changes", "--since", "2030", "--json"])).stdout).toBe("[]\n");
    expect((await runCommand(library.home, ["changes", "--since", "9", "--json"])).exitCode).toBe(2);
  });
});
