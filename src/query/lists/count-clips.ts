import { count, sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { clips } from "../../db/schema.ts";
import { clipConditions, REMOVED_KEYS } from "../filter/clip-conditions.ts";
import { isFiltered, type Filter, type Total } from "../filter/filter.ts";

/** The most clips that are counted when each needs a lookup in another table, which takes up to 20 µs. */
const MAX_COUNTED = 5000;

/** How many clips match the filter, whatever its limit; at most `moreThan` 5000 when each needs a lookup. Throws UsageError. */
export function countClips(db: Database, filter: Filter): Total {
  if (!needsLookup(filter)) return countAll(db, filter);
  const rows = isOnlyInstrumental(filter) ? countInstrumental(db) : countSome(db, filter);
  return rows > MAX_COUNTED ? { moreThan: MAX_COUNTED } : rows;
}

/** Whether each clip must be looked up in another table, which takes long for many clips. */
function needsLookup({ has, missing, instrumental, text }: Filter): boolean {
  return [has, missing, instrumental, text].some((one) => one !== undefined);
}

function isOnlyInstrumental({ instrumental, ...rest }: Filter): boolean {
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
    .limit(MAX_COUNTED + 1)
    .as("some");
  return db.select({ rows: count() }).from(some).get()?.rows ?? 0;
}

/** Starts from the tasks, since an index lists the instrumental ones: among clips only one in a hundred may match. */
function countInstrumental(db: Database): number {
  const { rows } = db.get<{ rows: number }>(sql`select count(*) as rows from (
    select 1 from tasks indexed by tasks_instrumental
    cross join task_clips on task_clips.task_id = tasks.id
    cross join clips on clips.id = task_clips.clip_id and clips.task_id = tasks.id
    where tasks.instrumental and clips.rowid_key not in ${REMOVED_KEYS} limit ${MAX_COUNTED + 1})`);
  return rows;
}
