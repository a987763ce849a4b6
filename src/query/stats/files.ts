import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { clips } from "../../db/schema.ts";
import { clipConditions } from "../filter/clip-conditions.ts";
import { isFiltered, type Filter } from "../filter/filter.ts";
import type { PeriodOf } from "./periods.ts";
import { taskConditions } from "../filter/task-conditions.ts";

export type KindFigures = { kind: string; files: number; bytes: number };
export type MonthFigures = KindFigures & { month: string | null };

/** Stored files by kind, the largest kind first. */
export function kindFigures(db: Database, filter: Filter): KindFigures[] {
  return db.all<KindFigures>(sql`
    select kind, count(*) as files, coalesce(sum(bytes), 0) as bytes
    from assets where state = 'stored' and ${filesMatching(db, filter)} group by kind order by bytes desc, kind`);
}

/** The same by the month in which the files were stored. Reads every row. */
export function monthFigures(db: Database, filter: Filter, periodOf: PeriodOf): MonthFigures[] {
  const rows = db.all<KindFigures & { quarter: number | null }>(sql`
    select kind, stored_at / 900000 as quarter, count(*) as files, coalesce(sum(bytes), 0) as bytes
    from assets where state = 'stored' and ${filesMatching(db, filter)} group by 1, 2 order by 2, 1`);
  const sums = new Map<string, MonthFigures>();
  for (const { kind, quarter, files, bytes } of rows) {
    const month = periodOf(quarter === null ? null : quarter * 900_000, "month");
    const key = `${month} ${kind}`;
    const sum = sums.get(key) ?? { month, kind, files: 0, bytes: 0 };
    sums.set(key, { ...sum, files: sum.files + files, bytes: sum.bytes + bytes });
  }
  return [...sums.values()];
}

/** The condition on `assets` for files of the clips that match a filter, and of its tasks as a whole. */
export function filesMatching(db: Database, filter: Filter): SQL {
  if (!isFiltered(filter)) return sql`true`;
  const some = db.select({ id: clips.id }).from(clips).where(clipConditions(db, filter));
  return sql`(assets.clip_id in ${some} or (assets.clip_id is null and assets.task_id in
    (select listed.id from tasks as listed where ${taskConditions(db, filter)})))`;
}
