import { UsageError } from "../errors.ts";
import { parseTimeWords, type TimeSpan } from "./date-words.ts";

const SHAPE =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,3})\d*)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?)?)?$/i;

/** The first moment of the date that `text` names at `now`, in milliseconds UTC. Throws UsageError, which says what `flag` takes. */
export function parseSince(text: string, flag = "--since", now = Date.now()): number {
  return parseSpan(text, flag, now).start;
}

/** The first moment after the date that `text` names: a named day, month or minute is included as a whole. Throws UsageError. */
export function parseUntil(text: string, flag = "--until", now = Date.now()): number {
  return parseSpan(text, flag, now).end;
}

/** ISO 8601 in UTC with milliseconds; null for null and for a number that is not a valid time. */
export function isoTime(milliseconds: number | null | undefined): string | null {
  if (milliseconds === null || milliseconds === undefined) return null;
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** To the minute, for a sentence: `2025-12-30T18:36Z`; "" for null. */
export function isoMinute(milliseconds: number | null | undefined): string {
  return isoTime(milliseconds)?.replace(/:\d\d\.\d{3}Z$/, "Z") ?? "";
}

function parseSpan(text: string, flag: string, now: number): TimeSpan {
  const match = SHAPE.exec(text.trim());
  const span = match ? toSpan(match.slice(1)) : parseTimeWords(text, now);
  if (span && Number.isSafeInteger(span.start)) return span;
  throw new UsageError(
    `${flag} is "${text}"; it takes a date or time such as 2026, 2026-11, 2026-11-22 or 2026-11-22T18:30:00Z`,
    {
      hint: 'or words: today, yesterday, 7d, "3 weeks ago", "last 7 days", "this week", "last month"; a date without a zone is UTC',
    },
  );
}

function toSpan([year, month, day, hour, minute, second, fraction, zone]: (string | undefined)[]):
  TimeSpan | undefined {
  const fields = [year, month ?? "1", day ?? "1", hour ?? "0", minute ?? "0", second ?? "0"].map(Number);
  const milliseconds = Number((fraction ?? "").padEnd(3, "0"));
  const local = utc(fields, milliseconds);
  if (!isReal(fields, local)) return undefined;
  const named = [year, month, day, hour && minute, second, fraction].findLastIndex((part) => part !== undefined);
  const start = local - zoneOffset(zone);
  return { start, end: start + length(fields, milliseconds, named, local) };
}

function utc([year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0]: number[], milliseconds: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day) + ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds;
}

/** The calendar has no 30 February, the clock no 25:00. */
function isReal([, month = 0, day = 0, hour = 0, minute = 0, second = 0]: number[], local: number): boolean {
  const date = new Date(local);
  return date.getUTCMonth() + 1 === month && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
}

/** How long the smallest named part lasts: 0 year, 1 month, 2 day, 3 minute, 4 second, 5 a fraction of one. */
function length(fields: number[], milliseconds: number, named: number, local: number): number {
  if (named === 0) return utc([(fields[0] ?? 0) + 1], 0) - local;
  if (named === 1) return utc([fields[0] ?? 0, (fields[1] ?? 0) + 1], milliseconds) - local;
  return [0, 0, 86_400_000, 60_000, 1000, 1][named] ?? 1;
}

function zoneOffset(zone = "Z"): number {
  if (/z/i.test(zone)) return 0;
  const digits = zone.replace(":", "").slice(1).padEnd(4, "0");
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (zone.startsWith("-") ? -1 : 1) * minutes * 60_000;
}
