import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { createAssetWriter } from "../../../src/archive/assets.ts";
import { archiveId } from "../../../src/archive/info.ts";
import { createRecordSaver, type IncomingRecord } from "../../../src/archive/records.ts";
import { changeMarks } from "../../../src/archive/marks/marks.ts";
import type { EntriesChange } from "../../../src/archive/marks/edit-entries.ts";
import { createPlaylist, editPlaylist } from "../../../src/archive/marks/playlists.ts";
import { changeTags } from "../../../src/archive/tags.ts";
import { track, untrack } from "../../../src/archive/tracking.ts";
import { finalPath } from "../../../src/assets/store/names.ts";
import { openStore } from "../../../src/assets/store/store.ts";
import { assets } from "../../../src/db/schema.ts";
import { purgeClips } from "../../../src/remove/purge.ts";
import { undoRemoval, removeClips } from "../../../src/remove/remove.ts";
import { nextCheckAt } from "../../../src/record/schedule.ts";
import { incoming, result } from "../../archive/saving.ts";
import { sha256 } from "../../helpers/folder-tree.ts";
import type { TemporaryArchive } from "../../helpers/temporary-archive.ts";

export const NOW = Date.UTC(2026, 10, 30, 23, 59);
const signal = new AbortController().signal;
export const uuid = (kind: number, n: number) => `${kind}${n}000000-0000-4000-8000-000000000000`;

const someText = fc.constantFrom("Neon", "Neon II", "", null);
const clip = fc.record(
  {
    // Few ids, so that several tasks contain the same clip; some clips have none.
    id: fc.constantFrom(uuid(2, 0), uuid(2, 1), uuid(2, 2), uuid(2, 3)),
    title: someText,
    lyric: someText,
    prompt: someText,
    state: fc.constantFrom("succeeded", "failed", "pending", "odd"),
    created_at: fc.constantFrom(1_759_276_800, 1_759_276_999),
    audio_url: fc.constantFrom("https://a.example/1.m4a", "https://a.example/2.m4a", "", null),
    image_url: fc.constantFrom("https://a.example/1.jpg", null),
  },
  { requiredKeys: ["state"] },
);
const record = fc.record({
  task: fc.nat(3),
  prompt: someText,
  finished: fc.boolean(),
  success: fc.constantFrom(true, false, undefined),
  clips: fc.array(clip, { maxLength: 3 }),
  kind: fc.constantFrom("record", "record", "result"),
  primary: fc.constantFrom(true, true, true, false),
});
type Sent = typeof record extends fc.Arbitrary<infer R> ? R : never;

const save_ = fc.record({
  do: fc.constant("save" as const),
  records: fc.array(record, { minLength: 1, maxLength: 4 }),
});
const store_ = fc.record({ do: fc.constant("store" as const), which: fc.nat(9), other: fc.boolean() });
const track_ = fc.record({ do: fc.constantFrom("track" as const, "untrack" as const), task: fc.nat(5) });
const mark_ = fc.record({ do: fc.constantFrom("remove" as const, "keep" as const, "purge" as const), clip: fc.nat(3) });
const tag_ = fc.record({
  do: fc.constant("tag" as const),
  clips: fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 2 }),
  added: fc.array(fc.constantFrom("calm", "Calm", "night"), { maxLength: 2 }),
  removed: fc.array(fc.constantFrom("CALM", "night"), { maxLength: 1 }),
});
const star_ = fc.record({
  do: fc.constant("star" as const),
  clips: fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 2 }),
  change: fc.oneof(
    fc.record({ starred: fc.boolean() }),
    fc.record({ rating: fc.nat(5) }),
    fc.record({ playedAt: fc.constantFrom(NOW, NOW + 5) }),
  ),
});
const list_ = fc.record({
  do: fc.constant("list" as const),
  edit: fc.constantFrom("create" as const, "add" as const, "remove" as const, "move" as const, "end" as const),
  clip: fc.nat(3),
  index: fc.nat(4),
});
/** Anything that can happen to an archive. */
export const step = fc.oneof(
  { weight: 6, arbitrary: save_ },
  { weight: 3, arbitrary: store_ },
  { weight: 1, arbitrary: track_ },
  { weight: 1, arbitrary: mark_ },
  { weight: 2, arbitrary: tag_ },
  { weight: 2, arbitrary: star_ },
  { weight: 3, arbitrary: list_ },
);
export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Applies a step to the archive and to the files below `root`. */
export async function applyStep(archive: TemporaryArchive, root: string, step: Step, now: number): Promise<void> {
  switch (step.do) {
    case "save":
      return save(archive, step.records, now);
    case "store":
      return storeOne(archive, root, step, now);
    case "track":
      return void track(archive, [uuid(1, step.task)], { source: "test", now, explicit: true });
    case "untrack":
      return void untrack(archive, [uuid(1, step.task)], now);
    case "tag": {
      const ids = step.clips.map((clip) => uuid(2, clip));
      return void changeTags(archive, ids, step, now);
    }
    case "star": {
      const ids = step.clips.map((clip) => uuid(2, clip));
      return void changeMarks(archive, ids, step.change, now);
    }
    case "list":
      return list(archive, step, now);
    default:
      return mark(archive, root, step, now);
  }
}

function save(archive: TemporaryArchive, records: Sent[], now: number): void {
  for (const { task } of records) track(archive, [uuid(1, task)], { source: "test", now, explicit: false });
  const next = (state: string, at: number | null) => nextCheckAt(state, at, now);
  const all = records.flatMap(withPrimary).map(toIncoming);
  createRecordSaver(archive.db, archive.journal)(all, { now, nextCheckAt: next });
}

/** A record that is stored only as a further version comes in one response with the primary one. */
function withPrimary(record: Sent): Sent[] {
  return record.primary
    ? [record]
    : [record, { ...record, prompt: record.prompt === "Neon" ? "Neon II" : "Neon", primary: true }];
}

function toIncoming({ task, prompt, finished, success, clips, kind, primary }: Sent): IncomingRecord {
  const id = uuid(1, task);
  const response = { ...(success !== undefined && { success }), data: clips };
  if (kind === "result") return result(id, JSON.stringify({ task_id: id, ...response }));
  const times = { created_at: 1_759_276_800, ...(finished && { finished_at: 1_759_276_830 }) };
  const request = { action: "generate", ...(prompt !== null && { prompt }) };
  return incoming(JSON.stringify({ id, type: "audios", ...times, request, response }), primary);
}

function list(archive: TemporaryArchive, { edit, clip, index }: Extract<Step, { do: "list" }>, now: number): void {
  const query = (text: string) => archive.db.$client.prepare<[], string>(text).pluck();
  const [id] = query("select id from playlists").all();
  const there = query("select id from clips where purged_at is null order by id").all();
  const clipId = there[clip % Math.max(there.length, 1)];
  if (edit === "create" || id === undefined) {
    if (id === undefined) createPlaylist(archive, { name: "Night", clipIds: clipId ? [clipId, clipId] : [] }, now);
    return;
  }
  const [seen = ""] = query(`select clip_id from playlist_clips where position = ${index}`).all();
  const entry = { position: index, clipId: seen };
  const changes: Record<Exclude<typeof edit, "end">, EntriesChange> = {
    add: { do: "add", clipIds: clipId ? [clipId] : [], position: index === 4 ? null : index },
    remove: { do: "remove", entries: [entry] },
    move: { do: "move", entry, to: clip },
  };
  editPlaylist(archive, id, [edit === "end" ? { do: "delete" } : changes[edit]], now);
}

/** A file is stored, for the first time or again with other bytes. */
function storeOne(
  { db, journal }: TemporaryArchive,
  root: string,
  { which, other }: Extract<Step, { do: "store" }>,
  now: number,
): void {
  const row = db
    .select()
    .from(assets)
    .all()
    .filter(({ removedAt }) => removedAt === null)[which];
  if (!row) return;
  const text = other ? "other bytes" : "bytes";
  const path = finalPath(row.clipId ?? row.taskId, row.kind === "audio" ? "m4a" : "jpg", other ? 2 : 1);
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  const response = { contentType: "audio/mp4", etag: null, lastModified: null, durationSeconds: 1.5, httpStatus: 200 };
  const file = { path, bytes: text.length, sha256: sha256(text), proof: "boxes", note: null, ...response };
  createAssetWriter(db, journal).markStored(row, file, now);
}

async function mark(
  { db, journal, home }: TemporaryArchive,
  root: string,
  step: Extract<Step, { do: "remove" | "keep" | "purge" }>,
  now: number,
): Promise<void> {
  const which = {
    remove: "removed_at is null",
    keep: "removed_at is not null and purged_at is null",
    purge: "purged_at is null",
  }[step.do];
  const ids = db.$client.prepare<[], string>(`select id from clips where ${which} order by id`).pluck().all();
  const id = ids[step.clip];
  if (id === undefined) return;
  const deps = { db, journal, home, store: openStore(root, archiveId(db)), now: () => now, signal };
  await { remove: removeClips, keep: undoRemoval, purge: purgeClips }[step.do](deps, [id]);
}
