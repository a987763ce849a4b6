import { sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { clips } from "../../db/schema.ts";
import { clipConditions } from "../filter/clip-conditions.ts";
import type { Filter } from "../filter/filter.ts";
import { filesMatching } from "./files.ts";
import { taskConditions } from "../filter/task-conditions.ts";

export type Repeats = {
  /** Seeds that several clips share. */
  seeds: { seed: string; clips: number; example: string }[];
  /** Prompts that were requested several times, word for word. */
  prompts: { prompt: string; tasks: number }[];
  /** Identical audio files of several clips. */
  audio: { sha256: string; clips: number; clipIds: string[] }[];
};

/** Seeds, prompts and audio that occur more than once, the most frequent first, at most `limit` of each. Reads every row. */
export function repeats(db: Database, filter: Filter, limit: number): Repeats {
  const some = sql`(select id from clips where ${clipConditions(db, filter)})`;
  const audio = db.all<{ sha256: string; clips: number; ids: string }>(sql`
    select sha256, count(distinct clip_id) as clips, json_group_array(distinct clip_id) as ids from assets
    where kind = 'audio' and state = 'stored' and sha256 is not null and clip_id is not null and ${filesMatching(db, filter)}
    group by sha256 having count(distinct clip_id) > 1 order by clips desc, sha256 limit ${limit}`);
  return {
    seeds: db.all(sql`
      select seed, count(*) as clips, min(id) as example from ${clips} where seed is not null and seed <> '' and id in ${some}
      group by seed having count(*) > 1 order by clips desc, seed limit ${limit}`),
    prompts: db.all(sql`
      select prompt, count(*) as tasks from tasks as listed where trim(prompt) <> '' and ${taskConditions(db, filter)}
      group by prompt having count(*) > 1 order by tasks desc, prompt limit ${limit}`),
    audio: audio.map(({ sha256, clips: count, ids }) => ({
      sha256,
      clips: count,
      clipIds: (JSON.parse(ids) as string[]).sort(),
    })),
  };
}
