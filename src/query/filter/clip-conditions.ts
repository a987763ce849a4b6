import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { UsageError } from "../../lib/errors.ts";
import type { Filter } from "./filter.ts";
import { lineageStart } from "../lineage/lineage.ts";
import { childrenOf, descendants } from "../lineage/ids.ts";
import { occursIn } from "./text-conditions.ts";

/** Conditions on `clips` that go by seed, lineage or text. Throws UsageError for an id that is not here. */
export function ownConditions(db: Database, filter: Filter): SQL[] {
  const { seed, root, childrenOf: parent, text } = filter;
  const conditions: SQL[] = [];
  if (seed) conditions.push(sql`clips.seed in ${values(seed)}`);
  if (root !== undefined) conditions.push(sql`clips.id in ${values(descendants(db, named(db, root, "--root")))}`);
  if (parent !== undefined) {
    const made = named(db, parent, "--children-of").map((id) => sql`clips.id in ${childrenOf(id)}`);
    conditions.push(sql`(${sql.join(made, sql` or `)})`);
  }
  if (text !== undefined) conditions.push(occursIn(db, text));
  return conditions;
}

function named(db: Database, id: string, flag: string): string[] {
  try {
    return lineageStart(db, id);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const { code, hint } = error;
    throw new UsageError(`${flag}: ${error.message}`, { code, hint, cause: error });
  }
}

/** Up to so many tasks are looked up one by one; the clips of more are met soon by going through all. */
const FEW = 2000;

/** Read from an index that holds the ids of such tasks alone: SQLite would read the whole row of each. */
const OF_INSTRUMENTAL_TASK = sql`exists (select 1 from tasks indexed by tasks_instrumental
    where tasks.id = clips.task_id and tasks.instrumental)`;

/** Clips as their task was asked to be. Where few are instrumental, they are found by their tasks and not by all clips. */
export function isInstrumental(db: Database, wanted: boolean): SQL {
  if (!wanted) return sql`not ${OF_INSTRUMENTAL_TASK}`;
  const { tasks } = db.get<{ tasks: number }>(
    sql`select count(*) as tasks from (select 1 from tasks where instrumental limit ${FEW + 1})`,
  );
  if (tasks > FEW) return OF_INSTRUMENTAL_TASK;
  return sql`clips.id in (select clip_id from task_clips where task_id in (select id from tasks where instrumental))
    and ${OF_INSTRUMENTAL_TASK}`;
}

/** For `in`: texts as one parameter, however many. */
export function values(texts: string[]): SQL {
  return sql`(select value from json_each(${JSON.stringify(texts)}))`;
}
