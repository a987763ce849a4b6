import { and, eq, gt } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { clipMarks, clips } from "../../db/schema.ts";
import { clipConditions } from "../filter/clip-conditions.ts";
import type { Filter } from "../filter/filter.ts";
import type { PeriodOf } from "./periods.ts";

export type PlayFigures = {
  /** Songs that were played once or more. */
  songs: number;
  /** All their plays. */
  plays: number;
  /** These songs by the month in which each was played last, in order. When the plays before that were is not kept. */
  lastHeard: { month: string; songs: number }[];
};

/** How often songs were played, in players and in the page. Reads the rows of marks, of which most songs have none. */
export function playFigures(db: Database, filter: Filter, periodOf: PeriodOf): PlayFigures {
  const rows = db
    .select({ plays: clipMarks.plays, at: clipMarks.lastPlayedAt })
    .from(clipMarks)
    .innerJoin(clips, eq(clips.id, clipMarks.clipId))
    .where(and(gt(clipMarks.plays, 0), clipConditions(db, filter)))
    .all();
  const months = new Map<string, number>();
  for (const { at } of rows) {
    const month = periodOf(at, "month");
    if (month !== null) months.set(month, (months.get(month) ?? 0) + 1);
  }
  return {
    songs: rows.length,
    plays: rows.reduce((sum, { plays }) => sum + plays, 0),
    lastHeard: [...months]
      .map(([month, songs]) => ({ month, songs }))
      .toSorted((one, other) => (one.month < other.month ? -1 : 1)),
  };
}
