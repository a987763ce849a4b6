import type { Database } from "../../db/connection.ts";

/** A stored file: where it lay upstream, and by which id and kind it is found here. */
export type StoredUrl = { url: string; id: string; kind: string };

type Find = (taskId: string) => StoredUrl[];
const FINDERS = new WeakMap<Database, Find>();

/** The stored files that the record of a task may name: its own, those of its clips, and of the clips that it was made from. */
export function findUrls(db: Database, taskId: string): StoredUrl[] {
  const find = FINDERS.get(db) ?? prepareFind(db);
  FINDERS.set(db, find);
  return find(taskId);
}

function prepareFind({ $client }: Database): Find {
  const columns = "select url, coalesce(clip_id, task_id) as id, kind from assets";
  const stored = "path is not null and state = 'stored' and removed_at is null";
  const statement = $client.prepare<[{ taskId: string }], StoredUrl>(`
    ${columns} where task_id = @taskId and ${stored}
    union ${columns} where ${stored} and clip_id in (
      select clip_id from task_clips where task_id = @taskId
      union select reference_audio_id from tasks where id = @taskId
      union select swap_audio_id from tasks where id = @taskId)`);
  return (taskId) => statement.all({ taskId });
}
