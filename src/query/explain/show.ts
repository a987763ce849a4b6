import { asc, eq, getTableColumns } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { assets, clips, taskClips, taskDocuments, tasks, trackedTasks, type AssetRow } from "../../db/schema.ts";
import { absolutePath } from "../lists/clips.ts";
import { hideCallbackSecrets } from "../../lib/text/callback-secret.ts";
import { isoTime } from "../../lib/time/dates.ts";
import { findId } from "../find-id.ts";
import { relatives, type Relative } from "../lineage/lineage.ts";
import { shownStateOf, type ShownState } from "../shown-state.ts";
import { marksOf, shownMarks, type ShownMarks } from "../filter/marks.ts";
import { tagsOf } from "../filter/tags.ts";

type Fields = Record<string, unknown>;
export type ShownFile = Fields & {
  kind: string;
  state: string;
  url: string;
  path: string | null;
  bytes: number | null;
};

/** Everything about a clip: every column, its files, each task that shows it, its parents, children, tags and marks. */
export type ShownClip = Fields & {
  kind: "clip";
  id: string;
  taskId: string;
  files: ShownFile[];
  tasks: { taskId: string; position: number }[];
  madeFrom: Relative[];
  madeInto: Relative[];
  tags: string[];
  starredAt: string | null;
  lastPlayedAt: string | null;
} & ShownMarks;

/** Everything about a task: every column (absent before the first record), tracking, clips, files and saved documents. */
export type ShownTask = Fields & {
  kind: "task";
  id: string;
  state: string;
  /** The state as people read it. */
  shownState: ShownState;
  tracking: Fields | null;
  clips: { position: number; id: string; title: string | null; state: string; durationSeconds: number | null }[];
  files: ShownFile[];
  documents: { version: number; kind: string; fetchedAt: string | null; sha256: string; current: boolean }[];
};

/** Shows the task or clip with an id or the beginning of one. Times are ISO 8601, paths absolute. Throws UsageError. */
export function show(db: Database, id: string, assetsRoot: string): ShownTask | ShownClip {
  const found = findId(db, id);
  return found.kind === "clip" ? showClip(db, found.id, assetsRoot) : showTask(db, found.id, assetsRoot);
}

function showClip(db: Database, id: string, assetsRoot: string): ShownClip {
  const { rowidKey: _key, ...columns } = getTableColumns(clips);
  const row = db.select(columns).from(clips).where(eq(clips.id, id)).get();
  if (!row) throw new Error(`clip ${id} vanished while it was read`);
  const files = db.select().from(assets).where(eq(assets.clipId, id)).orderBy(asc(assets.kind)).all();
  const shownBy = db
    .select({ taskId: taskClips.taskId, position: taskClips.position })
    .from(taskClips)
    .where(eq(taskClips.clipId, id))
    .orderBy(asc(taskClips.taskId), asc(taskClips.position))
    .all();
  const shownFiles = files.map((file) => toFile(file, assetsRoot));
  const tags = tagsOf(db, [id]).get(id) ?? [];
  const marks = marksOf(db, [id])(id);
  const times = { starredAt: isoTime(marks.starredAt), lastPlayedAt: isoTime(marks.lastPlayedAt) };
  const own = { tags, ...shownMarks(marks), ...times };
  return { kind: "clip", ...withIsoTimes(row), files: shownFiles, tasks: shownBy, ...relatives(db, id), ...own };
}

function showTask(db: Database, id: string, assetsRoot: string): ShownTask {
  const stored = db.select().from(tasks).where(eq(tasks.id, id)).get();
  const row = stored && { ...stored, callbackUrl: stored.callbackUrl && hideCallbackSecrets(stored.callbackUrl) };
  const tracked = db.select().from(trackedTasks).where(eq(trackedTasks.taskId, id)).get();
  const { taskId: _id, ...tracking } = tracked ?? {};
  const shown = db
    .select({
      position: taskClips.position,
      id: clips.id,
      title: clips.title,
      state: clips.state,
      durationSeconds: clips.durationSeconds,
    })
    .from(taskClips)
    .innerJoin(clips, eq(clips.id, taskClips.clipId))
    .where(eq(taskClips.taskId, id))
    .orderBy(asc(taskClips.position))
    .all();
  const files = db.select().from(assets).where(eq(assets.taskId, id)).orderBy(asc(assets.id)).all();
  return {
    kind: "task",
    ...withIsoTimes(row ?? { id, state: tracked?.state ?? "pending" }),
    shownState: shownStateOf(db, id),
    tracking: tracked ? withIsoTimes(tracking) : null,
    clips: shown,
    files: files.map((file) => toFile(file, assetsRoot)),
    documents: documentsOf(db, id, row?.documentVersion),
  };
}

function documentsOf(db: Database, taskId: string, current: number | undefined): ShownTask["documents"] {
  return db
    .select({
      version: taskDocuments.version,
      kind: taskDocuments.kind,
      fetchedAt: taskDocuments.fetchedAt,
      sha256: taskDocuments.sha256,
    })
    .from(taskDocuments)
    .where(eq(taskDocuments.taskId, taskId))
    .orderBy(asc(taskDocuments.version))
    .all()
    .map((row) => ({ ...row, fetchedAt: isoTime(row.fetchedAt), current: row.version === current }));
}

function toFile({ id: _id, path, ...row }: AssetRow, assetsRoot: string): ShownFile {
  return { ...withIsoTimes(row), path: absolutePath(assetsRoot, path) };
}

const TIMES = /(At|Since)$/;

/** Columns whose names end in At or Since hold a time, except `continueAt`, which is seconds into a song. */
function withIsoTimes<Row extends object>(row: Row): Row {
  const entries = Object.entries(row).map(([name, value]) => [
    name,
    TIMES.test(name) && name !== "continueAt" && typeof value === "number" ? isoTime(value) : value,
  ]);
  return Object.fromEntries(entries) as Row;
}
