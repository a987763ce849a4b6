/**
 * Seconds that a `Retry-After` header asks for: whole seconds or an HTTP date, 0 and dates gone by allowed; the longest
 * of several. Null for none and for what is neither. Source: RFC 9110, 10.2.3.
 */
export function retryAfterSeconds(header: string | string[] | undefined, now = Date.now()): number | null {
  const values = (Array.isArray(header) ? header : header === undefined ? [] : [header]).map((value) => seconds(value.trim(), now));
  const known = values.filter((value) => value !== null);
  return known.length > 0 ? Math.max(...known) : null;
}

function seconds(value: string, now: number): number | null {
  if (/^\d+$/.test(value)) return Number(value);
  if (!/^[A-Za-z]{3,9},? /.test(value)) return null;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - now) / 1000));
}
