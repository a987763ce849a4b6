import { sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";

/**
 * Names for the row key of each clip the family that it is of: the id of the clip that all began with, by what each was made from (of the
 * two that a swap is made from, the one that it changes). Null for a clip that nothing was made from and that was made
 * from nothing. Reads the few tasks that were made from something.
 */
export function familiesOf(db: Database): (key: number) => string | null {
  const rows = db.all<{ id: string; parent: string }>(sql`
    select clip_id as id, coalesce(reference_audio_id, swap_audio_id) as parent
    from tasks cross join task_clips on task_clips.task_id = tasks.id where reference_audio_id is not null
    union all select clip_id, swap_audio_id
    from tasks cross join task_clips on task_clips.task_id = tasks.id
    where swap_audio_id is not null and reference_audio_id is null`);
  const parents = new Map(rows.map(({ id, parent }) => [id, parent]));
  const all = new Set(parents.values());
  const related = JSON.stringify([...new Set([...parents.keys(), ...all])]);
  const keys = db.all<{ key: number; id: string }>(
    sql`select rowid_key as key, id from clips where id in (select value from json_each(${related}))`,
  );
  const families = new Map(keys.map(({ key, id }) => [key, firstOf(id, parents)]));
  return (key) => families.get(key) ?? null;
}

/** A circle has no first: its smallest id stands for it. */
function firstOf(id: string, parents: Map<string, string>): string {
  const line = new Set<string>();
  let at = id;
  for (let up = parents.get(at); up !== undefined; up = parents.get(at)) {
    line.add(at);
    if (line.has(up)) return circleFrom(up, parents);
    at = up;
  }
  return at;
}

function circleFrom(id: string, parents: Map<string, string>): string {
  let least = id;
  for (let at = parents.get(id); at !== undefined && at !== id; at = parents.get(at)) if (at < least) least = at;
  return least;
}
