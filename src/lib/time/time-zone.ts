const DAY = 86_400_000;
const MINUTE = 60_000;

/** True for UTC and every IANA time zone that this Node knows. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * Returns a function that turns a moment (milliseconds UTC) into the local time of a zone, as milliseconds that Date's UTC
 * functions read. The offset is computed twice per day that occurs, with the minute at which the clocks changed, so that
 * a million moments of the same days cost little more than a thousand.
 */
export function wallClock(zone: string): (moment: number) => number {
  if (zone === "UTC") return (moment) => moment;
  const offsetAt = zoneOffset(zone);
  const days = new Map<number, { changeAt: number; before: number; after: number }>();
  return (moment) => {
    const number = Math.floor(moment / DAY);
    let day = days.get(number);
    if (day === undefined) days.set(number, (day = dayOf(number * DAY, offsetAt)));
    return moment + (moment < day.changeAt ? day.before : day.after);
  };
}

function dayOf(start: number, offsetAt: (moment: number) => number) {
  const [before, after] = [offsetAt(start), offsetAt(start + DAY)];
  if (before === after) return { changeAt: start, before, after };
  return { changeAt: changeWithin(offsetAt, start, start + DAY), before, after };
}

/** The minute at which the offset changes that is another one at the end than at the start. */
function changeWithin(offsetAt: (moment: number) => number, start: number, end: number): number {
  let [low, high] = [Math.floor(start / MINUTE) * MINUTE, Math.ceil(end / MINUTE) * MINUTE];
  const before = offsetAt(start);
  while (high - low > MINUTE) {
    const middle = low + Math.floor((high - low) / 2 / MINUTE) * MINUTE;
    if (offsetAt(middle) === before) low = middle;
    else high = middle;
  }
  return high;
}

/** The first moment after `from`, up to `until`, at which a zone's clocks change; undefined when there is none. */
export function nextChange(offsetAt: (moment: number) => number, from: number, until: number): number | undefined {
  const offset = offsetAt(from);
  for (let at = from; at < until; at += DAY) {
    const end = Math.min(at + DAY, until);
    if (offsetAt(end) !== offset) return changeWithin(offsetAt, at, end);
  }
  return undefined;
}

/** Returns a function that gives the milliseconds by which the zone is ahead of UTC. */
export function zoneOffset(zone: string): (moment: number) => number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    era: "short",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  return (moment) => {
    const part = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, value]));
    const year = part["era"] === "BC" ? 1 - Number(part["year"]) : Number(part["year"]);
    const [month, day, hour, minute, second] = ["month", "day", "hour", "minute", "second"].map((name) =>
      Number(part[name]),
    ) as [number, number, number, number, number];
    const shown = new Date(0).setUTCFullYear(year, month - 1, day) + ((hour * 60 + minute) * 60 + second) * 1000;
    return shown - Math.floor(moment / 1000) * 1000;
  };
}
