import { and, gte, inArray, isNotNull, lt, lte, sql, type SQL } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { clips } from "../../db/schema.ts";
import { UsageError } from "../../lib/errors.ts";
import { hasStored, lacksStored } from "./file-conditions.ts";
import type { Filter } from "./filter.ts";
import { tagConditions } from "./tags.ts";
import { lineageStart } from "../lineage/lineage.ts";
import { childrenOf, descendants } from "../lineage/ids.ts";
import { textCondition } from "./text-conditions.ts";

/** Keys of clips that were taken out: few, and read from an index of their own, so that nothing else reads rows for it. */
export const REMOVED_KEYS = sql`(select rowid_key from clips where removed_at is not null)`;

/** What lets a row of `clips` through; those that were taken out are in no list but their own. Throws UsageError. */
export function clipConditions(db: Database, filter: Filter): SQL | undefined {
  return and(
    filter.model && inArray(clips.model, filter.model),
    filter.action && inArray(clips.action, filter.action),
    filter.state && inArray(clips.state, filter.state),
    filter.since === undefined ? undefined : gte(clips.createdAt, filter.since),
    filter.until === undefined ? undefined : lt(clips.createdAt, filter.until),
    filter.minSeconds === undefined ? undefined : gte(clips.durationSeconds, filter.minSeconds),
    filter.maxSeconds === undefined ? undefined : lte(clips.durationSeconds, filter.maxSeconds),
    filter.removed ? isNotNull(clips.removedAt) : sql`${clips.rowidKey} not in ${REMOVED_KEYS}`,
    filter.instrumental === undefined ? undefined : isInstrumental(db, filter.instrumental),
    ...clipContentConditions(db, filter),
    ...(filter.has ?? []).map((kind) => hasStored(db, kind)),
    ...(filter.missing ?? []).map((kind) => lacksStored(db, kind)),
    ...tagConditions(db, filter, { id: sql`${clips.id}`, holders: sql`select clip_id from clip_tags` }),
  );
}

/** Conditions on `clips` that go by seed, lineage or text. Throws UsageError for an id that is not here. */
export function clipContentConditions(db: Database, filter: Filter): SQL[] {
  const { seed, root, childrenOf: parent, text } = filter;
  const conditions: SQL[] = [];
  if (seed) conditions.push(sql`clips.seed in ${values(seed)}`);
  if (root !== undefined) conditions.push(sql`clips.id in ${values(descendants(db, named(db, root, "--root")))}`);
  if (parent !== undefined) {
    const made = named(db, parent, "--children-of").map((id) => sql`clips.id in ${childrenOf(id)}`);
    conditions.push(sql`(${sql.join(made, sql` or `)})`);
  }
  if (text !== undefined) conditions.push(textCondition(db, text));
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
