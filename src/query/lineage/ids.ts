import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import type { LineageEdge } from "./rows.ts";

/**
 * The ids of everything made from a clip in any number of steps, including the clip: `id in ${madeFrom(id)}`. `union` skips
 * ids that were met before, so a circle ends and depth is not limited. Reads two partial indexes.
 */
export function madeFrom(clipId: string): SQL {
  return sql`(${descendantsQuery([clipId])})`;
}

/** The ids of everything made from a clip in one step. */
export function childrenOf(clipId: string): SQL {
  return sql`(
    select clip_id from tasks cross join task_clips on task_clips.task_id = tasks.id where reference_audio_id = ${clipId}
    union select clip_id from tasks cross join task_clips on task_clips.task_id = tasks.id where swap_audio_id = ${clipId}
  )`;
}

/** These ids and the ids of everything made from them, in any number of steps. */
export function descendants(db: Database, ids: string[]): string[] {
  return db.all<{ id: string }>(descendantsQuery(ids)).map(({ id }) => id);
}

/** These ids and the ids of everything that they were made from, in any number of steps, whether or not the archive has them. */
export function ancestors(db: Database, ids: string[]): string[] {
  const parents = (column: SQL) => sql`
    select ${column} from line cross join task_clips on task_clips.clip_id = line.id
    cross join tasks on tasks.id = task_clips.task_id where ${column} is not null`;
  const rows = db.all<{ id: string }>(sql`
    with recursive line(id) as (
      select value from json_each(${JSON.stringify(ids)})
      union ${parents(sql`reference_audio_id`)}
      union ${parents(sql`swap_audio_id`)}
    ) select id from line`);
  return rows.map(({ id }) => id);
}

/** Adds `ids` to `reached`, and every id that the steps lead to from there. `steps` are grouped by where they begin. */
export function reach(ids: string[], steps: Map<string, LineageEdge[]>, reached: Set<string>): void {
  const open = [...ids];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    for (const { to } of steps.get(id) ?? []) open.push(to);
  }
}

function descendantsQuery(ids: string[]): SQL {
  const made = (column: SQL) => sql`
    select task_clips.clip_id from line cross join tasks on ${column} = line.id
    cross join task_clips on task_clips.task_id = tasks.id`;
  return sql`
    with recursive line(id) as (
      select value from json_each(${JSON.stringify(ids)})
      union ${made(sql`reference_audio_id`)}
      union ${made(sql`swap_audio_id`)}
    ) select id from line`;
}
