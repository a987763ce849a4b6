import { sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { UsageError } from "../../lib/errors.ts";
import { findId } from "../find-id.ts";

/** A clip that was found by an id. */
export type NamedClip = { id: string; title: string | null; removedAt: number | null; purgedAt: number | null };

/** Finds clips by ids or beginnings of ids; the id of a task stands for all clips that it shows. Each clip once. Throws UsageError. */
export function findClips(db: Database, ids: string[]): NamedClip[] {
  const found = ids.flatMap((id) => clipsOfOne(db, id));
  return [...new Map(found.map((clip) => [clip.id, clip])).values()];
}

function clipsOfOne(db: Database, text: string): NamedClip[] {
  const { kind, id } = findId(db, text);
  const which = kind === "clip" ? sql`id = ${id}` : sql`id in (select clip_id from task_clips where task_id = ${id})`;
  const clips = db.all<NamedClip>(
    sql`select id, title, removed_at as "removedAt", purged_at as "purgedAt" from clips where ${which} order by rowid_key`,
  );
  if (clips.length === 0) throw new UsageError(`task ${id} has no clip`, { code: "no_clips" });
  return clips;
}

/** For each task that shows a clip, the first. */
export function firstClips(db: Database, taskIds: string[]): Map<string, string> {
  const rows = db.all<{ taskId: string; clipId: string }>(sql`
    select task_id as "taskId", clip_id as "clipId", min(position) from task_clips
    where task_id in (select value from json_each(${JSON.stringify(taskIds)})) group by task_id`);
  return new Map(rows.map(({ taskId, clipId }) => [taskId, clipId]));
}
