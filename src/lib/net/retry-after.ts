import { parseHttpDate } from "../time/http-date.ts";

/** A day, as long as the longest wait of a plan for what failed; a server that asks for more is asked again then. */
export const MOST_RETRY_AFTER_SECONDS = 86_400;

/**
 * The seconds that a `Retry-After` header asks for, given as a number or an HTTP date (a past date is 0); the longest of
 * several, and a day at most. Null when there is no valid value. Source: RFC 9110, 10.2.3; servers that count in floats
 * send parts of a second.
 */
export function retryAfterSeconds(header: string | string[] | undefined, now = Date.now()): number | null {
  const known = [header ?? []]
    .flat()
    .flatMap((value) => (parseHttpDate(value.trim()) === null ? value.split(",") : [value]))
    .map((value) => seconds(value.trim(), now))
    .filter((value) => value !== null);
  return known.length > 0 ? Math.min(Math.max(...known), MOST_RETRY_AFTER_SECONDS) : null;
}

function seconds(value: string, now: number): number | null {
  if (/^\d+(?:\.\d*)?$/.test(value)) return Math.ceil(Number(value));
  const date = parseHttpDate(value);
  return date === null ? null : Math.max(0, Math.ceil((date - now) / 1000));
}
