/** The three forms of RFC 9110, 5.6.7, all of them in GMT. */
const HTTP_DATE =
  /^[A-Z][a-z]{2,8},? (\d\d[ -][A-Z][a-z]{2}[ -](\d{4}|\d\d) \d\d:\d\d:\d\d GMT|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4})$/;

/** The time of an HTTP header such as `Date`, in milliseconds UTC; null when it is none. */
export function parseHttpDate(text: string): number | null {
  if (!HTTP_DATE.test(text)) return null;
  const moment = Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
  return Number.isNaN(moment) ? null : moment;
}
