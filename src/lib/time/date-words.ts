type Unit = "hour" | "day" | "week" | "month" | "quarter" | "year";
export type TimeSpan = { start: number; end: number };

const UNITS: Record<string, Unit> = { h: "hour", d: "day", w: "week", y: "year" };
const WORD = /^(hour|day|week|month|quarter|year)s?$/;
const SOME = /^(last |past )?(\d{1,6}) ?([a-z]+)(?: ago)?$/;
const LAST_ONE = /^(last|this) ([a-z]*[a-rt-z])$/;
const FIXED: Partial<Record<Unit, number>> = { hour: 3_600_000, day: 86_400_000, week: 604_800_000 };

/**
 * The time span that words mean at `now` (milliseconds UTC): `today`, `yesterday`, `now`, `this week`, `last month`
 * (calendar units, weeks from Monday), `last 7 days` (up to now), `7d` or `7 days ago` (that moment). Undefined for any
 * other text.
 */
export function parseTimeWords(text: string, now: number): TimeSpan | undefined {
  const words = text.trim().toLowerCase().replaceAll(/\s+/g, " ");
  if (words === "now") return { start: now, end: now };
  if (words === "today") return calendar("day", 0, now);
  if (words === "yesterday") return calendar("day", -1, now);
  const [, which, one = ""] = LAST_ONE.exec(words) ?? [];
  const named = unitOf(one);
  if (named) return calendar(named, which === "last" ? -1 : 0, now);
  const [, ended, count, word = ""] = SOME.exec(words) ?? [];
  const unit = unitOf(word);
  if (!unit || (ended && words.endsWith("ago"))) return undefined;
  const start = before(now, Number(count), unit);
  return { start, end: ended ? now : start };
}

function unitOf(word: string): Unit | undefined {
  return UNITS[word] ?? (WORD.exec(word)?.[1] as Unit | undefined);
}

/** Months are calendar months: a month before 31 March is the last day of February. */
function before(now: number, count: number, unit: Unit): number {
  const fixed = FIXED[unit];
  if (fixed) return now - count * fixed;
  const date = new Date(now);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() - count * monthsOf(unit));
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return date.setUTCDate(Math.min(day, last));
}

function monthsOf(unit: Unit): number {
  return unit === "year" ? 12 : unit === "quarter" ? 3 : 1;
}

/** The calendar unit that contains `now`, or the one `shift` units later. */
function calendar(unit: Unit, shift: number, now: number): TimeSpan {
  const date = new Date(now);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const length = FIXED[unit];
  if (length) {
    const begins = unit === "hour" ? now - (now % length) : Date.UTC(year, month, unit === "day" ? day : monday(date));
    return { start: begins + shift * length, end: begins + (shift + 1) * length };
  }
  const months = monthsOf(unit);
  const first = month - (month % months) + shift * months;
  return { start: Date.UTC(year, first), end: Date.UTC(year, first + months) };
}

function monday(date: Date): number {
  return date.getUTCDate() - ((date.getUTCDay() + 6) % 7);
}
