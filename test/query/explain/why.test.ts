import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UsageError } from "../../../src/lib/errors.ts";
import { ruleSentence } from "../../../src/query/explain/why-rules.ts";
import { why } from "../../../src/query/explain/why.ts";
import { STATE_TABLE } from "../../record/state-table.ts";
import { CREATED, makeLibrary, type Library } from "../library.ts";

const KINDS = ["audio", "image"] as const;
const HOUR = 3_600_000;
const NOW = CREATED + 2 * HOUR;
let library: Library;
beforeEach(() => void (library = makeLibrary()));
afterEach(() => library[Symbol.dispose]());

const ask = (id: string, now = NOW) => why(library.db, id, { kinds: [...KINDS], now });
/** All that a person reads, but for the evidence. */
function text(id: string, now = NOW): string {
  const { sentences, task, next, files } = ask(id, now);
  return [...sentences, ...(task?.sentences ?? []), next, ...files.flatMap((file) => file.sentences)].join("\n");
}
function tracking(id: string, set: ReturnType<typeof sql>): void {
  library.db.run(sql`update tracked_tasks set ${set} where task_id = ${id}`);
}

describe("rules", () => {
  it("each rule that can give a state has its sentence", () => {
    const reasons = [...new Set(STATE_TABLE.map(({ reason }) => reason))];
    expect(reasons).toHaveLength(14);
    const sentences = reasons.map(ruleSentence);
    expect(sentences.filter((sentence) => /does not know|earlier version/.test(sentence))).toEqual([]);
    expect(new Set(sentences).size).toBe(reasons.length);
  });

  it("a reason of another version is given as it is", () => {
    expect(ruleSentence("moon_phase")).toContain("moon_phase");
    expect(ruleSentence("toString")).toContain("does not know");
    expect(ruleSentence(null)).toContain("without recording a reason");
  });
});

describe("a task", () => {
  it("that was never answered", () => {
    library.tracked("t", { addedAt: CREATED });
    expect(ask("t")).toMatchObject({
      kind: "task",
      state: "pending",
      task: null,
      files: [],
      evidence: { reason: null, attempts: 0 },
    });
    expect(text("t")).toBe(
      "Tracked since 2026-11-20T12:00Z (test); it was never fetched.\nIt was never asked for, so nothing is known of it.\nThe next sync fetches it.",
    );
  });

  it("that the API does not know yet, and one that it did not know three times", () => {
    library.tracked("soon", { attempts: 1, notSeen: 1, lastCheckedAt: CREATED, nextCheckAt: NOW });
    expect(text("soon")).toContain("fetched once, the last time at 2026-11-20T12:00Z");
    expect(text("soon")).toContain("did not know it in 1 run in a row. A new task may not be known everywhere yet");
    expect(text("soon")).toContain("The next sync fetches it; `watch` not before 2026-11-20T14:00Z.");
    library.tracked("lost", { state: "missing", attempts: 3, notSeen: 3, missingSince: CREATED, nextCheckAt: NOW });
    expect(text("lost")).toContain(
      "It is unknown upstream: the API did not know it in 3 runs in a row (since 2026-11-20T12:00Z)",
    );
  });

  it("that succeeded", () => {
    library.task("t", { stateReason: "clips_done", traceId: "trace-1" });
    tracking("t", sql`attempts = 1, last_checked_at = ${CREATED}`);
    expect(text("t")).toContain("It is succeeded because every clip is marked as done and has a file URL.");
    expect(text("t")).toContain("The current data came at 2026-11-20T12:00Z as a record (version 1).");
    expect(text("t")).toContain("It has ended: only `producer-mirror sync --refresh t`");
    expect(ask("t").evidence).toMatchObject({
      reason: "clips_done",
      documentVersion: 1,
      traceId: "trace-1",
      documentSha256: "0".repeat(64),
    });
  });

  it("that failed upstream, with its error", () => {
    library.task("t", {
      state: "failed",
      stateReason: "error_code",
      errorCode: "api_error",
      errorMessage: "fetch failed",
    });
    expect(text("t")).toContain("It is failed because the record has an error with a code");
    expect(text("t")).toContain('The service says: api_error: "fetch failed".');
    expect(ask("t").evidence).toMatchObject({ errorCode: "api_error", errorMessage: "fetch failed" });
  });

  it("that is open, and one that is open for too long", () => {
    library.task("t", { state: "pending", stateReason: "no_response", createdAt: CREATED });
    tracking("t", sql`attempts = 4, next_check_at = ${NOW}`);
    expect(text("t", CREATED + 23 * HOUR)).not.toContain("stale");
    expect(text("t", CREATED + 25 * HOUR)).toContain("so it is called stale and fetched once a day");
  });

  it("whose record could not be read", () => {
    library.tracked("t", {
      attempts: 2,
      lastCheckedAt: CREATED,
      lastError: "unreadable record: nested more than 64 deep",
    });
    expect(text("t")).toContain("could not be read: unreadable record: nested more than 64 deep.");
    expect(text("t")).toContain("It was not answered: no readable response ever came.");
    expect(ask("t").evidence.lastError).toContain("64 deep");
  });

  it("that vanished upstream, was untracked, is not tracked at all, or of which only a result came", () => {
    library.task("gone", { stateReason: "clips_done" });
    tracking("gone", sql`attempts = 9, not_seen = 2, missing_since = ${CREATED}`);
    expect(text("gone")).toContain(
      "The API has not known it since 2026-11-20T12:00Z; what is mirrored keeps its state and stays.",
    );
    library.tracked("off", { untrackedAt: NOW });
    expect(text("off")).toContain("untracked at 2026-11-20T14:00Z");
    expect(text("off")).toContain("`producer-mirror track off` tracks it again");
    library.task("loose");
    library.db.run(sql`delete from tracked_tasks where task_id = 'loose'`);
    expect(text("loose")).toMatch(/^It is not tracked\.(.|\n)*`producer-mirror track loose` tracks it\.$/);
    library.task("reported", { stateReason: "clips_done" });
    expect(text("reported")).toContain("Only a result came");
  });
});

describe("a clip", () => {
  it("tells of itself, its task, and who else shows it", () => {
    library.clip("c", { audioUrl: "https://example.com/a", title: "Neon" });
    library.task("other");
    library.db.run(sql`insert into task_clips (task_id, position, clip_id) values ('other', 0, 'c')`);
    expect(ask("c")).toMatchObject({ kind: "clip", taskId: "task-of-c", title: "Neon", task: { state: "succeeded" } });
    expect(ask("c").sentences).toEqual([
      "It came with task task-of-c; task other shows it too.",
      "It is succeeded because its task has ended and it has the URL of a file.",
    ]);
  });

  it.each([
    [{ state: "pending" }, /running because its task is still open/],
    [{ state: "failed" }, /failed because its task has ended and it has no audio/],
    [{ state: "failed", audioUrl: "https://x/a" }, /failed because its own state word says so/],
    [{ removedAt: CREATED }, /You removed it at 2026-11-20T12:00Z/],
    [{ removedAt: CREATED, purgedAt: NOW }, /texts were blanked at 2026-11-20T14:00Z/],
  ])("%j", (values, message) => {
    library.clip("c", values);
    expect(text("c")).toMatch(message);
  });
});

describe("a file", () => {
  it.each([
    [
      "stored",
      { proof: "md5 length", storedAt: CREATED, verifiedAt: NOW, note: "longer than stated" },
      [
        "Stored since 2026-11-20T12:00Z: 1000 bytes, checked by md5, length; last verified at 2026-11-20T14:00Z.",
        "Note: longer than stated.",
      ],
    ],
    ["not fetched yet", { state: "wanted" }, ["It was not downloaded yet.", "The next sync tries it."]],
    [
      "moved since",
      { state: "wanted", attempts: 1 },
      ["Tried once; its URL has changed since.", "The next sync tries it."],
    ],
    [
      "failed by status",
      { state: "failed", attempts: 3, httpStatus: 503, lastError: 'h answered 503: "busy"', nextAttemptAt: NOW },
      [
        'Tried 3 times; the last error: h answered 503: "busy".',
        "The next sync tries it; `watch` not before 2026-11-20T14:00Z.",
      ],
    ],
    [
      "failed by its bytes",
      { state: "failed", attempts: 1, httpStatus: 200, lastError: "no moov box" },
      ["Tried once; the last error: no moov box (HTTP 200).", "The next sync tries it."],
    ],
    [
      "refused",
      { state: "failed", attempts: 1, lastError: "refused: plain http to h" },
      [
        "Nothing is requested from its URL, refused: plain http to h. To allow a host that you trust, use --asset-hosts.",
        "The next sync tries it.",
      ],
    ],
    [
      "missed once",
      { state: "failed", attempts: 1, httpStatus: 404, misses: 1, firstMissAt: CREATED },
      [
        "Tried once; the last response was HTTP 404.",
        expect.stringMatching(/reported once that there is no such file, first at 2026-11-20T12:00Z/) as string,
        "The next sync tries it.",
      ],
    ],
    [
      "gone",
      { state: "gone", attempts: 2, httpStatus: 404, misses: 2, firstMissAt: CREATED, nextAttemptAt: NOW },
      [
        "Tried 2 times; the last response was HTTP 404.",
        expect.stringMatching(/reported 2 times in a row/) as string,
        expect.stringMatching(/checked again at 2026-11-20T14:00Z, every 30 days and by `sync --refresh`/) as string,
      ],
    ],
    [
      "lost",
      { state: "wanted", attempts: 1, path: "a/b", sha256: "f", lastError: "missing" },
      [
        "It was stored before, and verify found it missing or damaged.",
        "Tried once; the last error: missing.",
        "The next sync tries it.",
      ],
    ],
    [
      "in the trash",
      { state: "gone", removedAt: CREATED, trashPath: "2026/x.m4a", path: null },
      [
        "You removed it at 2026-11-20T12:00Z (`rm`): it is in the trash as 2026/x.m4a for 30 days, and it is never downloaded again.",
      ],
    ],
    [
      "of a kind that is not mirrored",
      { kind: "video", state: "wanted" },
      [
        "It was not downloaded yet.",
        "Files of this kind are not mirrored (PRODUCER_MIRROR_KINDS is audio,image), so it is not downloaded.",
      ],
    ],
  ])("%s", (_what, values, sentences) => {
    library.clip("c");
    library.file("c", values);
    expect(ask("c").files).toMatchObject([
      { clipId: "c", sentences, httpStatus: values["httpStatus" as never] ?? null },
    ]);
    expect(ask("task-of-c").files).toEqual(ask("c").files);
  });
});

it("throws for what was never heard of", () => {
  expect(() => ask("nothing")).toThrow(UsageError);
});
