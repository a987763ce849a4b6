import { wallClock } from "../../lib/time/time-zone.ts";

export const PERIODS = ["day", "week", "month", "hour"] as const;
export type Period = (typeof PERIODS)[number];

const DAY = 86_400_000;
/** The range of Date, less a day for any zone. */
const MAX_MOMENT = 8.64e15 - DAY;

/** Names the period of a moment (milliseconds UTC) in a zone; null for null and for a number that is not a valid time. */
export type PeriodOf = (moment: number | null, period: Period) => string | null;

/** Names periods: `2026-01-31`, `2026-W05` (ISO 8601), `2026-01`, and `00` to `23` for the hour of the day. */
export function periodsIn(zone: string): PeriodOf {
  const clock = wallClock(zone);
  const days = new Map<number, string>();
  const dayOf = (local: number) => {
    const number = Math.floor(local / DAY);
    const known = days.get(number) ?? nameOf(new Date(local), "day");
    days.set(number, known);
    return known;
  };
  return (moment, period) => {
    if (moment === null || !(Math.abs(moment) <= MAX_MOMENT)) return null;
    const local = clock(moment);
    return period === "day" ? dayOf(local) : nameOf(new Date(local), period);
  };
}

function nameOf(date: Date, period: Period): string {
  if (period === "hour") return String(date.getUTCHours()).padStart(2, "0");
  if (period === "week") return weekOf(date);
  return date
    .toISOString()
    .replace(/T.*/, "")
    .slice(0, period === "month" ? -3 : undefined);
}

/** The ISO week: it belongs to the year of its Thursday. */
function weekOf(date: Date): string {
  const thursday = new Date(date.getTime() + (3 - ((date.getUTCDay() + 6) % 7)) * DAY);
  const year = thursday.getUTCFullYear();
  const week = 1 + Math.floor((thursday.getTime() - new Date(0).setUTCFullYear(year, 0, 1)) / DAY / 7);
  return `${String(year).padStart(4, "0")}-W${String(week).padStart(2, "0")}`;
}
