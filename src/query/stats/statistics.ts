import type { Database } from "../../db/connection.ts";
import { isoTime } from "../../lib/time/dates.ts";
import type { Filter } from "../filter/filter.ts";
import { periodsIn } from "./periods.ts";
import { clipFigures, type ClipFigures } from "./clips.ts";
import { kindFigures, monthFigures, type KindFigures, type MonthFigures } from "./files.ts";
import { repeats, type Repeats } from "./repeats.ts";
import { playFigures, type PlayFigures } from "./plays.ts";
import { taskFigures, type TaskFigures } from "./tasks.ts";
import type { Totals } from "./breakdown.ts";

/** Everything that `stats` prints without `--by`. Groups have no file counts, which would need a join of all rows. */
export type Statistics = {
  /** The time zone of days and hours. */
  timezone: string;
  totals: Totals;
  tasks: TaskFigures;
  by: Pick<ClipFigures, "model" | "action" | "state" | "month">;
  music: Pick<ClipFigures, "day" | "week" | "month">;
  hours: { hour: number; clips: number; minutes: number }[];
  mix: ClipFigures["mix"];
  plays: PlayFigures;
  storage: { kinds: KindFigures[]; months?: MonthFigures[] };
  repeats?: Repeats;
};

export type StatisticsOptions = {
  filter: Filter;
  /** An IANA name. */
  timezone: string;
  /** Also report stored files by month; reads every row of files. */
  storageMonths?: boolean;
  /** Also report repeats, this many of each; reads every row. */
  repeats?: number;
};

/** All statistics, in one pass each over clips, tasks and files; zeros for an empty archive. */
export function statistics(
  db: Database,
  { filter, timezone, storageMonths, repeats: most }: StatisticsOptions,
): Statistics {
  const periodOf = periodsIn(timezone);
  const { all, model, action, state, day, week, month, hours, mix } = clipFigures(db, filter, periodOf);
  const tasks = taskFigures(db, filter);
  const kinds = kindFigures(db, filter);
  const sum = (name: "files" | "bytes") => kinds.reduce((so, kind) => so + kind[name], 0);
  return {
    timezone,
    totals: {
      tasks: tasks.total,
      clips: all.clips,
      minutes: all.minutes,
      files: sum("files"),
      bytes: sum("bytes"),
      firstCreatedAt: isoTime(all.first),
      lastCreatedAt: isoTime(all.last),
    },
    tasks,
    by: { model, action, state, month },
    music: { day, week, month },
    hours: hours.map(({ key, ...figures }) => ({ hour: Number(key), ...figures })),
    mix,
    plays: playFigures(db, filter, periodOf),
    storage: { kinds, ...(storageMonths && { months: monthFigures(db, filter, periodOf) }) },
    ...(most !== undefined && { repeats: repeats(db, filter, most) }),
  };
}
