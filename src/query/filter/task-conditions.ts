import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import type { AssetKind } from "../../lib/asset-kinds.ts";
import type { Filter } from "./filter.ts";
import { clipContentConditions, inValues } from "./clip-conditions.ts";
import { markConditions } from "./marks.ts";
import { tagConditions } from "./tags.ts";

/** The seconds of music in the clips that a task shows; null when it shows none. */
export function secondsOf(task: SQL): SQL {
  return sql`(select sum(clips.duration_seconds) from task_clips join clips on clips.id = task_clips.clip_id
    where task_clips.task_id = ${task})`;
}

/** The same for a row of `listed`. */
export const SECONDS = secondsOf(sql`listed.id`);

/** Tasks that show a clip with a tag; a cross join, since tags are few and SQLite would otherwise scan all clips. */
const TAGGED = sql`select task_clips.task_id from clip_tags cross join task_clips on task_clips.clip_id = clip_tags.clip_id`;

/** Tasks that show a clip with marks, in the same way. */
const MARKED = sql`select task_clips.task_id from clip_marks cross join task_clips on task_clips.clip_id = clip_marks.clip_id`;

/**
 * The filter as a condition on a row of `listed`, which has the columns of `tasks`. A task matches by the tags, seeds,
 * texts and parents of any clip that it shows. Throws UsageError.
 */
export function taskConditions(db: Database, filter: Filter): SQL {
  const conditions = [sql`true`];
  const oneOf = (column: SQL, words: string[] | undefined) =>
    words && conditions.push(sql`${column} in ${inValues(words)}`);
  oneOf(sql`listed.model`, filter.model);
  oneOf(sql`listed.action`, filter.action);
  oneOf(sql`listed.state`, filter.state);
  if (filter.since !== undefined) conditions.push(sql`listed.created_at >= ${filter.since}`);
  if (filter.until !== undefined) conditions.push(sql`listed.created_at < ${filter.until}`);
  if (filter.minSeconds !== undefined) conditions.push(sql`${SECONDS} >= ${filter.minSeconds}`);
  if (filter.maxSeconds !== undefined) conditions.push(sql`${SECONDS} <= ${filter.maxSeconds}`);
  if (filter.instrumental !== undefined)
    conditions.push(sql`listed.instrumental is ${filter.instrumental ? sql`` : sql`not`} true`);
  conditions.push(
    ...clipContentConditions(db, filter).map((condition) => sql`listed.id in ${tasksShowing(condition)}`),
  );
  for (const kind of filter.has ?? []) conditions.push(storedFile(kind));
  for (const kind of filter.missing ?? []) conditions.push(sql`not ${storedFile(kind)}`);
  conditions.push(...markConditions(filter, { id: sql`listed.id`, holders: MARKED }));
  conditions.push(...tagConditions(db, filter, { id: sql`listed.id`, holders: TAGGED }));
  return sql.join(conditions, sql` and `);
}

function tasksShowing(condition: SQL): SQL {
  return sql`(select task_clips.task_id from clips join task_clips on task_clips.clip_id = clips.id where ${condition})`;
}

/** True for a stored file of the task itself or of any clip that it shows. */
function storedFile(kind: AssetKind): SQL {
  return sql`(exists (select 1 from assets where assets.task_id = listed.id and kind = ${kind} and assets.state = 'stored')
    or exists (select 1 from task_clips join assets on assets.clip_id = task_clips.clip_id
      where task_clips.task_id = listed.id and kind = ${kind} and assets.state = 'stored'))`;
}
