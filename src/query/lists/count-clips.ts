import { count, sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { clips } from "../../db/schema.ts";
import { clipConditions, REMOVED_KEYS } from "../filter/clip-conditions.ts";
import { isFiltered, type Filter, type Total } from "../filter/filter.ts";

/** What is counted of clips that a look into another table tells, which takes up to 20 µs each. */
const COUNTED = 5000;

/** How many clips the filter lets through, whatever its limit; up to a number where other tables tell. Throws UsageError. */
export function countClips(db: Database, filter: Filter): Total {
  if (!looksElsewhere(filter)) return countAll(db, filter);
  const rows = asksOnlyForInstrumental(filter) ? countInstrumental(db) : countSome(db, filter);
  return rows > COUNTED ? { moreThan: COUNTED } : rows;
}

/** Whether each clip is looked up in another table: such many clips take long to count. */
function looksElsewhere({ has, missing, instrumental, text }: Filter): boolean {
  return [has, missing, instrumental, text].some((one) => one !== undefined);
}

function asksOnlyForInstrumental({ instrumental, ...rest }: Filter): boolean {
  return instrumental === true && !isFiltered(rest);
}

function countAll(db: Database, filter: Filter): number {
  return db.select({ rows: count() }).from(clips).where(clipConditions(db, filter)).get()?.rows ?? 0;
}

function countSome(db: Database, filter: Filter): number {
  const some = db
    .select({ key: clips.rowidKey })
    .from(clips)
    .where(clipConditions(db, filter))
    .limit(COUNTED + 1)
    .as("some");
  return db.select({ rows: count() }).from(some).get()?.rows ?? 0;
}

/** From the tasks on, of which an index holds the instrumental ones: among clips one may have to look at a hundred to meet one. */
function countInstrumental(db: Database): number {
  const { rows } = db.get<{ rows: number }>(sql`select count(*) as rows from (
    select 1 from tasks indexed by tasks_instrumental
    cross join task_clips on task_clips.task_id = tasks.id
    cross join clips on clips.id = task_clips.clip_id and clips.task_id = tasks.id
    where tasks.instrumental and clips.rowid_key not in ${REMOVED_KEYS} limit ${COUNTED + 1})`);
  return rows;
}
