import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import type { AssetKind } from "../lib/asset-kinds.ts";
import { rangesAfter, readCursor, writeCursor, type Key } from "./cursor.ts";
import { isoTime } from "./dates.ts";
import { NEWEST_FIRST, sortText, type Filter, type Page } from "./filter.ts";
import { isInstrumental, ownConditions, values } from "./own-conditions.ts";
import { tagConditions } from "./tags.ts";

/** One task as lists show it: mirrored, or only tracked so far (then most fields are null). */
export type TaskListing = {
  id: string;
  type: string | null;
  title: string | null;
  model: string | null;
  action: string | null;
  state: string;
  /** Clips that it shows, and the seconds of music in them. */
  clips: number;
  durationSeconds: number | null;
  createdAt: string | null;
  finishedAt: string | null;
  elapsedSeconds: number | null;
  prompt: string | null;
  errorCode: string | null;
  errorMessage: string | null;
  /** When we were asked to mirror it, and by what; untracked: we ask for it no more. */
  addedAt: string | null;
  source: string | null;
  untrackedAt: string | null;
  missingSince: string | null;
  lastCheckedAt: string | null;
  nextCheckAt: string | null;
  lastError: string | null;
};

const TIMES = [
  "createdAt",
  "finishedAt",
  "addedAt",
  "untrackedAt",
  "missingSince",
  "lastCheckedAt",
  "nextCheckAt",
] as const;
type Row = Omit<TaskListing, (typeof TIMES)[number]> & Record<(typeof TIMES)[number], number | null>;

const SECONDS = sql`(select sum(clips.duration_seconds) from task_clips join clips on clips.id = task_clips.clip_id
  where task_clips.task_id = listed.id)`;
const SORT_BY = {
  created: sql`coalesce(listed.created_at, listed.added_at)`,
  title: sql`listed.title`,
  duration: SECONDS,
  model: sql`listed.model`,
};

/** Tasks that the filter lets through, in its order; one that was never answered stands where it was added. */
export function listTasks(db: Database, filter: Filter): TaskListing[] {
  return pageOfTasks(db, filter).rows;
}

/** The same as a page, with where it ended. Throws UsageError for a cursor of another order, or an id that is not here. */
export function pageOfTasks(db: Database, filter: Filter): Page<TaskListing> {
  const { sort = NEWEST_FIRST, limit = 0, cursor } = filter;
  const direction = sort.descending ? sql`desc` : sql`asc`;
  const order = sortText(sort);
  const columns = [SORT_BY[sort.by], sql`listed.id`];
  const after =
    cursor === undefined ? [sql`true`] : rangesAfter(columns, readCursor(cursor, order, 2), sort.descending);
  const rows = db.all<Row & { key: Key }>(sql`
    with listed as (${everyTask()})
    select ${columns[0]} as key,
      id, type, title, model, action, state,
      (select count(*) from task_clips where task_clips.task_id = listed.id) as clips,
      ${SECONDS} as "durationSeconds",
      created_at as "createdAt", finished_at as "finishedAt", elapsed_seconds as "elapsedSeconds", prompt,
      error_code as "errorCode", error_message as "errorMessage", added_at as "addedAt", source,
      untracked_at as "untrackedAt", missing_since as "missingSince", last_checked_at as "lastCheckedAt",
      next_check_at as "nextCheckAt", last_error as "lastError"
    from listed
    where ${taskConditions(db, filter)} and (${sql.join(after, sql` or `)})
    order by key ${direction}, id ${direction}
    limit ${limit ? limit + 1 : -1}`);
  const shown = limit ? rows.slice(0, limit) : rows;
  const last = shown.at(-1);
  const next = last && rows.length > shown.length ? writeCursor(order, [last.key, last.id]) : null;
  return { rows: shown.map(toListing), next };
}

/** How many tasks the filter lets through, whatever its limit. */
export function countTasks(db: Database, filter: Filter): number {
  const { rows } = db.get<{ rows: number }>(
    sql`with listed as (${everyTask()}) select count(*) as rows from listed where ${taskConditions(db, filter)}`,
  );
  return rows;
}

/** A mirrored task's state is that of its record; before the first answer it is that of its tracking. */
function everyTask(): SQL {
  return sql`
    select coalesce(tasks.id, tracked_tasks.task_id) as id, coalesce(tasks.state, tracked_tasks.state) as state,
      tasks.type, tasks.title, tasks.model, tasks.action, tasks.prompt, tasks.created_at, tasks.finished_at,
      tasks.elapsed_seconds, tasks.error_code, tasks.error_message, tracked_tasks.added_at, tracked_tasks.source,
      tracked_tasks.untracked_at, tracked_tasks.missing_since, tracked_tasks.last_checked_at,
      tracked_tasks.next_check_at, tracked_tasks.last_error
    from tasks full join tracked_tasks on tracked_tasks.task_id = tasks.id`;
}

/** Tasks that show a clip with a tag. */
const TAGGED = sql`select task_clips.task_id from clip_tags join task_clips on task_clips.clip_id = clip_tags.clip_id`;

/** What lets a row of `listed` through. A task has the tags, seeds, texts and parents of any clip that it shows. Throws UsageError. */
export function taskConditions(db: Database, filter: Filter): SQL {
  const conditions = [sql`true`];
  const oneOf = (column: SQL, words: string[] | undefined) =>
    words && conditions.push(sql`${column} in ${values(words)}`);
  oneOf(sql`listed.model`, filter.model);
  oneOf(sql`listed.action`, filter.action);
  oneOf(sql`listed.state`, filter.state);
  if (filter.since !== undefined) conditions.push(sql`listed.created_at >= ${filter.since}`);
  if (filter.until !== undefined) conditions.push(sql`listed.created_at < ${filter.until}`);
  if (filter.minSeconds !== undefined) conditions.push(sql`${SECONDS} >= ${filter.minSeconds}`);
  if (filter.maxSeconds !== undefined) conditions.push(sql`${SECONDS} <= ${filter.maxSeconds}`);
  if (filter.instrumental !== undefined) conditions.push(isInstrumental(sql`listed.id`, filter.instrumental));
  conditions.push(...ownConditions(db, filter).map((condition) => sql`listed.id in ${showing(condition)}`));
  for (const kind of filter.has ?? []) conditions.push(storedFile(kind));
  for (const kind of filter.missing ?? []) conditions.push(sql`not ${storedFile(kind)}`);
  conditions.push(...tagConditions(db, filter, { id: sql`listed.id`, holders: TAGGED }));
  return sql.join(conditions, sql` and `);
}

function showing(condition: SQL): SQL {
  return sql`(select task_clips.task_id from clips join task_clips on task_clips.clip_id = clips.id where ${condition})`;
}

/** A file of the task itself, or of any clip that it shows. */
function storedFile(kind: AssetKind): SQL {
  return sql`(exists (select 1 from assets where assets.task_id = listed.id and kind = ${kind} and assets.state = 'stored')
    or exists (select 1 from task_clips join assets on assets.clip_id = task_clips.clip_id
      where task_clips.task_id = listed.id and kind = ${kind} and assets.state = 'stored'))`;
}

function toListing({ key: _key, ...row }: Row & { key: Key }): TaskListing {
  const times = Object.fromEntries(TIMES.map((name) => [name, isoTime(row[name])]));
  return { ...row, ...times } as TaskListing;
}
