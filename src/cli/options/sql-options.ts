import { UsageError } from "../../lib/errors.ts";
import { parseDuration } from "../../lib/time/durations.ts";

/** Most memory of the process that runs a query. */
export const QUERY_MEMORY_BYTES = 512 * 1024 * 1024;

/** How long a query may take, in milliseconds. Throws UsageError. */
export function readTimeout(text: string): number {
  const seconds = parseDuration(text, "--timeout");
  if (seconds > 0) return seconds * 1000;
  throw new UsageError(`--timeout is "${text}"; it takes more than 0 seconds`);
}
