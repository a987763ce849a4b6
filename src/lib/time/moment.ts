import { parseHttpDate } from "./http-date.ts";

/** No song is of later: a number beyond it is no time, or one of another unit. */
const LATEST = Date.UTC(2200, 0);
/** From these numbers on, a count since 1970 is in the unit; smaller ones are seconds. Milliseconds have 12 or 13 digits since 1973. */
const UNITS: [from: number, milliseconds: number][] = [
  [1e17, 1e-6],
  [1e14, 1e-3],
  [1e11, 1],
  [0, 1000],
];
const NUMBER = /^\d+(?:\.\d*)?(?:e\+?\d+)?$/i;
const ISO =
  /^(\d{4})[-/](\d\d)[-/](\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?) ?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?(?: ?(?:UTC|GMT|\[[\w/+-]+\]))?)?$/i;

/**
 * A moment as services write it, in milliseconds UTC: seconds, milliseconds, microseconds or nanoseconds since 1970, also as
 * text, by their size; ISO 8601 with any zone (without one it is UTC, wherever the program runs); an HTTP date.
 * Null for anything else, and for what lies before 1970 or after 2200.
 */
export function readMoment(value: unknown): number | null {
  const moment =
    typeof value === "number" ? sinceEpoch(value) : typeof value === "string" ? fromText(value.trim()) : null;
  if (moment === null) return null;
  const rounded = Math.round(moment);
  return rounded >= 0 && rounded < LATEST ? rounded : null;
}

function sinceEpoch(count: number): number | null {
  const unit = UNITS.find(([from]) => count >= from);
  return unit ? count * unit[1] : null;
}

function fromText(text: string): number | null {
  if (NUMBER.test(text)) return sinceEpoch(Number(text));
  const [, year, month, day, clock = "00:00", zone = "Z"] = ISO.exec(text) ?? [];
  if (year === undefined) return parseHttpDate(text);
  const moment = Date.parse(`${year}-${month}-${day}T${clock.replace(",", ".")}${zoneOf(zone)}`);
  return Number.isNaN(moment) ? null : moment;
}

/** As Date reads it: `+01` is `+01:00`, and UTC is `Z`. */
function zoneOf(zone: string): string {
  if (/^[a-z]/i.test(zone)) return "Z";
  const digits = zone.replace(":", "").slice(1).padEnd(4, "0");
  return `${zone.slice(0, 1)}${digits.slice(0, 2)}:${digits.slice(2)}`;
}
