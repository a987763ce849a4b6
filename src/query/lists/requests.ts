import { hash } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";

/** A clip whose request may be that of others too. */
export type Request = { id: string; request: string };

/** All that a request says but its seed and where its answer goes. A task without any is a stack of its own. */
const REQUEST = `json_array(tasks.type, tasks.action, tasks.model, tasks.prompt, tasks.lyric, tasks.title, instrumental, custom,
  reference_audio_id, swap_audio_id, continue_at, replace_section_start, replace_section_end, lyrics_strength,
  sound_strength, cover_strength, weirdness, tasks.style, style_negative, vocal_gender, lyric_prompt,
  iif(coalesce(tasks.action, tasks.model, tasks.prompt, tasks.lyric, tasks.title, lyric_prompt) is null, tasks.id, null))`;

const read = new WeakMap<Database, { version: string; requests: Map<number, Request> }>();

/** The key of the request that a clip was made by. */
export function requestOf({ $client: client }: Database, clipId: string): string {
  const text = `select ${REQUEST} from clips cross join tasks on tasks.id = clips.task_id where clips.id = ?`;
  return keyOf(client.prepare<[string], string>(text).pluck().get(clipId) ?? "");
}

/**
 * By row key, each clip whose request may be that of others too, and the key of that request. Read once until a task or
 * clip changes: marks, which change often, have no part in it.
 */
export function sharedRequests(db: Database): Map<number, Request> {
  const version = versionOf(db);
  const known = read.get(db);
  if (known?.version === version) return known.requests;
  const text = `select clips.rowid_key, clips.id, ${REQUEST} from json_each(?) as wanted
    cross join tasks on tasks.id = wanted.value cross join task_clips on task_clips.task_id = tasks.id
    cross join clips on clips.id = task_clips.clip_id and clips.task_id = tasks.id`;
  const rows = db.$client.prepare<[string], [number, string, string]>(text).raw();
  const requests = new Map<number, Request>();
  for (const [key, id, request] of rows.iterate(JSON.stringify(alikeTasks(db))))
    requests.set(key, { id, request: keyOf(request) });
  read.set(db, { version, requests });
  return requests;
}

/** Tasks of several clips, and those that begin like another: others are not read whole. */
function alikeTasks({ $client: client }: Database): string[] {
  type Row = [id: string, ...beginning: (string | number | null)[]];
  const text = "select id, title, length(prompt), length(lyric), substr(prompt, 1, 40), model from tasks";
  const rows = client.prepare<[], Row>(text).raw().all();
  const byBeginning = Map.groupBy(rows, ([, ...beginning]) => beginning.join(" "));
  const several = client
    .prepare<[], string>("select distinct task_id from task_clips where position > 0")
    .pluck()
    .all();
  const alike = [...byBeginning.values()].flatMap((some) => (some.length > 1 ? some.map(([id]) => id) : []));
  return [...new Set([...alike, ...several])];
}

function versionOf(db: Database): string {
  const row = db.get<object>(sql`select (select max(updated_at) from tasks) as updated,
    (select count(*) from tasks) as tasks, (select count(*) from task_clips) as shown`);
  return JSON.stringify(row);
}

function keyOf(request: string): string {
  return hash("sha256", request).slice(0, 16);
}
