import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import type { AssetKind } from "../../lib/asset-kinds.ts";

/** A song as notices name it; `files` are the kinds that are stored, with their paths below the folder of the files. */
export type SafeClip = {
  id: string;
  title: string | null;
  model: string | null;
  durationSeconds: number | null;
  files: Record<string, string>;
};

/** The clips of these tasks of which every file of these kinds is stored, and at least one. Removed clips are left out. */
export function safeClipsOf(db: Database, taskIds: string[], kinds: AssetKind[]): SafeClip[] {
  const waiting = sql`select 1 from assets where clip_id = clips.id and kind in ${kinds} and state <> 'stored'`;
  return clipsWhere(db, taskIds, sql`not exists (${waiting})`).filter(({ files }) => Object.keys(files).length > 0);
}

/** The clips of these tasks that changed at `since` (milliseconds UTC) or later. New ones have not changed. */
export function changedClipsOf(db: Database, taskIds: string[], since: number): SafeClip[] {
  return clipsWhere(db, taskIds, sql`clips.updated_at >= ${since} and clips.first_seen_at < ${since}`);
}

function clipsWhere(db: Database, taskIds: string[], condition: SQL): SafeClip[] {
  const rows = db.all<Omit<SafeClip, "files"> & { files: string }>(sql`
    select clips.id, clips.title, clips.model, clips.duration_seconds as "durationSeconds",
      (select json_group_object(kind, path) from assets where clip_id = clips.id and state = 'stored') as files
    from clips where clips.removed_at is null and ${condition} and clips.id in (
      select clip_id from task_clips where task_id in (select value from json_each(${JSON.stringify(taskIds)})))
    order by clips.id`);
  return rows.map((row) => ({ ...row, files: JSON.parse(row.files) as Record<string, string> }));
}
