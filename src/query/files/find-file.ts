import type { Database } from "../../db/connection.ts";

/** A file that was stored, as its row describes it. */
export type KnownFile = {
  /** Relative to the assets folder, forward slashes. */
  path: string;
  bytes: number;
  /** Lower-case hex. */
  sha256: string;
  /** `stored`, or a later state when it was lost since. */
  state: string;
  storedAt: number;
  verifiedAt: number | null;
  /** Null for a file of a task as a whole. */
  clipId: string | null;
  taskId: string;
  /** Of its clip, else of its task. */
  title: string | null;
  /** Of its sound, where that is known. */
  durationSeconds: number | null;
};

type Finder = (id: string, kind: string) => KnownFile | undefined;
const FINDERS = new WeakMap<Database, Finder>();

/**
 * The file of a kind that belongs to a clip or a task, by the whole id: of a task its own file, else that of its only clip.
 * Undefined when there is none, when it was never stored, or when it was removed.
 */
export function findFile(db: Database, id: string, kind: string): KnownFile | undefined {
  const find = FINDERS.get(db) ?? prepareFinder(db);
  FINDERS.set(db, find);
  return find(id, kind);
}

function prepareFinder(db: Database): Finder {
  const columns = `path, bytes, sha256, assets.state, stored_at as "storedAt", verified_at as "verifiedAt",
    clip_id as "clipId", assets.task_id as "taskId"`;
  const stored = "path is not null and bytes is not null and sha256 is not null and stored_at is not null";
  const here = `${stored} and assets.removed_at is null`;
  const ofClip = db.$client.prepare<[string, string], KnownFile>(`select ${columns}, clips.title,
    coalesce(assets.duration_seconds, clips.duration_seconds) as "durationSeconds" from assets
    join clips on clips.id = clip_id where clip_id = ? and kind = ? and ${here}`);
  const ofTask = db.$client.prepare<[string, string], KnownFile>(`select ${columns}, tasks.title,
    assets.duration_seconds as "durationSeconds" from assets
    join tasks on tasks.id = assets.task_id where assets.task_id = ? and kind = ? and clip_id is null and ${here}`);
  const onlyClip = db.$client
    .prepare<[string], string>(
      "select min(clip_id) from task_clips where task_id = ? having count(distinct clip_id) = 1",
    )
    .pluck();
  return (id, kind) => {
    const own = ofClip.get(id, kind) ?? ofTask.get(id, kind);
    const clip = own ? undefined : onlyClip.get(id);
    return own ?? (clip === undefined ? undefined : ofClip.get(clip, kind));
  };
}
