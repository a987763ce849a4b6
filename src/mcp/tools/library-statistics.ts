import * as z from "zod";
import { UsageError } from "../../lib/errors.ts";
import { isTimeZone } from "../../lib/time/time-zone.ts";
import { statistics, type Statistics } from "../../query/stats/statistics.ts";
import { FILTER_INPUT, filterOf } from "../answer/filter-input.ts";
import { NEXT, PAGE_INPUT, pageOf } from "../answer/page.ts";
import { plainTexts } from "../answer/texts.ts";
import type { Tool } from "../answer/tool.ts";

const BY = ["model", "action", "state", "month", "week", "day", "hour"] as const;

const input = z.strictObject({
  by: z.enum(BY).default("month").describe("what the groups are"),
  timezone: z.string().default("UTC").describe("of days and hours, such as Europe/Berlin"),
  ...FILTER_INPUT,
  ...PAGE_INPUT,
});

const group = z.object({ key: z.string().nullable(), clips: z.number(), minutes: z.number() });

/** Kinds of errors that are named. */
const ERRORS = 5;

/** Counts, and one breakdown. */
export const libraryStatistics: Tool<typeof input> = {
  name: "library_statistics",
  title: "Statistics of the library",
  description:
    "How many songs and minutes there are, how tasks went, what the files take, and one breakdown: by model, action, state, month, week, day or hour. Newest period first, else the largest group. Removed songs are not counted.",
  input,
  output: z.object({
    timezone: z.string(),
    totals: z.looseObject({ tasks: z.number(), clips: z.number(), minutes: z.number(), bytes: z.number() }),
    tasks: z.looseObject({ total: z.number(), succeeded: z.number(), failed: z.number(), successRate: z.number() }),
    files: z.array(z.object({ kind: z.string(), files: z.number(), bytes: z.number() })),
    by: z.string(),
    total: z.number().describe("groups in all"),
    items: z.array(group),
    next: NEXT,
  }),
  answer({ db }, { by, timezone, limit, cursor, ...words }) {
    if (!isTimeZone(timezone)) throw new UsageError(`timezone is "${timezone}"; it takes a name such as Europe/Berlin`);
    const all = statistics(db, { filter: filterOf(words), timezone });
    const { latency: _latency, errors, ...tasks } = all.tasks;
    const { items, total, next } = pageOf(groupsOf(all, by), `statistics ${by}`, { limit, cursor });
    const named = plainTexts({ errors: errors.slice(0, ERRORS), items });
    return {
      structured: {
        timezone,
        totals: all.totals,
        tasks: { ...tasks, errors: named.errors },
        files: all.storage.kinds,
        by,
        total,
        items: named.items,
        next,
      },
    };
  },
};

/** The groups of one breakdown: periods newest first, hours from midnight, others as they come, the largest first. */
export function groupsOf({ by, music, hours }: Statistics, name: (typeof BY)[number]): z.output<typeof group>[] {
  if (name === "hour") return hours.map(({ hour, clips, minutes }) => ({ key: String(hour), clips, minutes }));
  return name === "week" || name === "day" || name === "month" ? music[name].toReversed() : by[name];
}
