import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import type { LineageEdge } from "./rows.ts";

/**
 * The ids of all that was made from a clip, and from what was made from it, itself among them: `id in ${madeFrom(id)}`.
 * `union` leaves out what was met before, so a circle ends it and no depth is too deep. Reads two partial indexes.
 */
export function madeFrom(clipId: string): SQL {
  return sql`(${descent([clipId])})`;
}

/** The ids of what was made from a clip itself, in one step. */
export function childrenOf(clipId: string): SQL {
  return sql`(
    select clip_id from tasks cross join task_clips on task_clips.task_id = tasks.id where reference_audio_id = ${clipId}
    union select clip_id from tasks cross join task_clips on task_clips.task_id = tasks.id where swap_audio_id = ${clipId}
  )`;
}

/** These ids and those of all that was made from them, step by step. */
export function descendants(db: Database, ids: string[]): string[] {
  return db.all<{ id: string }>(descent(ids)).map(({ id }) => id);
}

/** These ids and those of all that they were made from, step by step, whether or not the archive has them. */
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

/** Adds `ids` to `reached`, and whatever the steps (by where they begin) lead to from there. */
export function reach(ids: string[], steps: Map<string, LineageEdge[]>, reached: Set<string>): void {
  const open = [...ids];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    for (const { to } of steps.get(id) ?? []) open.push(to);
  }
}

function descent(ids: string[]): SQL {
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
