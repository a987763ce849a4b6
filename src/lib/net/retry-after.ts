/** A year; longer values are cut to it. */
const MAX_SECONDS = 31_536_000;
/** The three forms of RFC 9110, 5.6.7, all of them in GMT. */
const HTTP_DATE =
  /^[A-Z][a-z]{2,8},? (\d\d[ -][A-Z][a-z]{2}[ -](\d{4}|\d\d) \d\d:\d\d:\d\d GMT|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4})$/;

/**
 * The seconds that a `Retry-After` header asks for, given as whole seconds or an HTTP date (a past date is 0); the longest
 * of several. Null when there is no valid value. Source: RFC 9110, 10.2.3.
 */
export function retryAfterSeconds(header: string | string[] | undefined, now = Date.now()): number | null {
  const values = (Array.isArray(header) ? header : header === undefined ? [] : [header]).map((value) =>
    seconds(value.trim(), now),
  );
  const known = values.filter((value) => value !== null);
  return known.length > 0 ? Math.max(...known) : null;
}

function seconds(value: string, now: number): number | null {
  if (/^\d+$/.test(value)) return Math.min(Number(value), MAX_SECONDS);
  if (!HTTP_DATE.test(value)) return null;
  const date = Date.parse(value.endsWith("GMT") ? value : `${value} GMT`);
  return Number.isNaN(date) ? null : Math.min(Math.max(0, Math.ceil((date - now) / 1000)), MAX_SECONDS);
}
