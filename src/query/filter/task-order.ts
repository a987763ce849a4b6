import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { addAll } from "../../lib/add-all.ts";
import { rangesAfter, readCursor, writeCursor, type CursorKey } from "./cursor.ts";
import { isFiltered, NEWEST_FIRST, sortText, type Filter, type Sort, type SortKey, type Total } from "./filter.ts";
import { SECONDS, taskConditions } from "./task-conditions.ts";

/** A source of rows named `listed`, and the key that orders them before their id. */
type Part = { listed: SQL; key: SQL };
type TaskPosition = { key: CursorKey; id: string };

/** Tracked ids without a record. They have the columns of a task that lists use, most of them null. */
const UNANSWERED = sql`(select task_id as id, state, added_at, null as title_key, null as model, null as action,
    null as instrumental, null as created_at
  from tracked_tasks where state in ('pending', 'missing') and not exists (select 1 from tasks where tasks.id = task_id)
  ) as listed where true`;

/** A task without a time of creation is ordered by the time when it was added. */
const BY_TIME: Part[] = [
  { listed: sql`tasks as listed where listed.created_at is not null`, key: sql`listed.created_at` },
  {
    listed: sql`tasks as listed left join tracked_tasks on tracked_tasks.task_id = listed.id where listed.created_at is null`,
    key: sql`tracked_tasks.added_at`,
  },
  { listed: UNANSWERED, key: sql`listed.added_at` },
];
/** Of the clips that a task shows. */
function most(column: string): SQL {
  return sql`(select max(${sql.raw(column)}) from task_clips join clip_marks on clip_marks.clip_id = task_clips.clip_id
    where task_clips.task_id = listed.id)`;
}

const KEYS: Record<Exclude<SortKey, "created">, SQL> = {
  title: sql`listed.title_key`,
  duration: SECONDS,
  model: sql`listed.model`,
  rating: most("rating"),
  plays: most("plays"),
  played: most("last_played_at"),
};

function partsIn({ by }: Sort): Part[] {
  if (by === "created") return BY_TIME;
  return [
    { listed: sql`tasks as listed where true`, key: KEYS[by] },
    { listed: UNANSWERED, key: sql`null` },
  ];
}

/**
 * Ids of tasks in the filter's order, and the cursor of the next page. Each part is read in order from an index, no further
 * than the page goes: a million rows are not joined and sorted to show fifty. Throws UsageError.
 */
export function pageOfTaskIds(db: Database, filter: Filter): { ids: string[]; next: string | null } {
  const { sort = NEWEST_FIRST, limit = 0, cursor } = filter;
  const after = cursor === undefined ? undefined : readCursor(cursor, sortText(sort), 2);
  const found = positionsAfter(db, filter, after);
  const shown = limit ? found.slice(0, limit) : found;
  const last = shown.at(-1);
  const next = last && found.length > shown.length ? writeCursor(sortText(sort), [last.key, last.id]) : null;
  return { ids: shown.map(({ id }) => id), next };
}

/** Reads one row more than the limit, one index range after the other. */
function positionsAfter(db: Database, filter: Filter, after: CursorKey[] | undefined): TaskPosition[] {
  const { sort = NEWEST_FIRST, limit = 0 } = filter;
  const direction = sort.descending ? sql`desc` : sql`asc`;
  const conditions = taskConditions(db, filter);
  const parts = partsIn(sort).map((part) => ({ ...part, ranges: rangesOf(part, sort, after) }));
  const found: TaskPosition[] = [];
  for (const at of parts[0]!.ranges.keys()) {
    const cut = sql`order by 1 ${direction}, 2 ${direction} limit ${limit ? limit + 1 - found.length : -1}`;
    const rows = parts.map(
      ({ listed, key, ranges }) =>
        sql`select * from (select ${key} as key, listed.id as id from ${listed} and ${ranges[at]} and ${conditions} ${cut})`,
    );
    addAll(found, db.all<TaskPosition>(sql`${sql.join(rows, sql` union all `)} ${cut}`));
    if (limit && found.length > limit) break;
  }
  return found;
}

/** An order without an index is read once, with all ranges in one condition. */
function rangesOf({ key }: Part, sort: Sort, after: CursorKey[] | undefined): SQL[] {
  if (after === undefined) return [sql`true`];
  const ranges = rangesAfter([key, sql`listed.id`], after, sort.descending);
  return sort.by === "created" ? ranges : [sql`(${sql.join(ranges, sql` or `)})`];
}

/** The most tasks that are counted when each needs a lookup in other tables, which takes 4 µs and more. */
const MAX_COUNTED = 5000;

/** How many tasks the filter matches, whatever its limit; at most `moreThan` 5000 when each needs a lookup in other tables. Throws UsageError. */
export function countTasks(db: Database, filter: Filter): Total {
  const conditions = taskConditions(db, filter);
  // Without any condition, even one that is always true, SQLite counts the pages of an index and not its entries.
  const mirrored = isFiltered(filter) ? sql`tasks as listed where ${conditions}` : sql`tasks`;
  const parts = [mirrored, sql`${UNANSWERED} and ${conditions}`];
  const counts = parts.map((part) =>
    needsLookup(filter) ? upTo(MAX_COUNTED, part) : sql`(select count(*) from ${part})`,
  );
  const { rows } = db.get<{ rows: number }>(sql`select ${sql.join(counts, sql` + `)} as rows`);
  return needsLookup(filter) && rows > MAX_COUNTED ? { moreThan: MAX_COUNTED } : rows;
}

function upTo(most: number, part: SQL): SQL {
  return sql`(select count(*) from (select 1 from ${part} limit ${most + 1}))`;
}

function needsLookup({ has, missing, minSeconds, maxSeconds }: Filter): boolean {
  return [has, missing, minSeconds, maxSeconds].some((one) => one !== undefined);
}
