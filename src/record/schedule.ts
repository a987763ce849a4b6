const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A task that is still pending this long after its creation is stale: `watch` fetches it on the slowest schedule. */
export const STALE_AFTER_MS = DAY;

/** When `watch` fetches a task again, in milliseconds UTC; null for a settled task. */
export function nextCheckAt(state: string, createdAt: number | null, now: number): number | null {
  if (state === "missing") return now + DAY;
  if (state !== "pending") return null;
  const age = createdAt === null ? 0 : now - createdAt;
  if (age < HOUR) return now + MINUTE;
  return now + (age < STALE_AFTER_MS ? 30 * MINUTE : DAY);
}

/** When `watch` fetches an id again that the API did not know: a new task may not be visible everywhere yet. */
export function nextNotSeenCheckAt(now: number): { soon: number; late: number } {
  return { soon: now + 10 * MINUTE, late: now + DAY };
}

/** When `watch` tries a failed file again: 5 minutes, doubling to a day. `attempts` counts this one. */
export function nextAttemptAt(attempts: number, now: number): number {
  return now + Math.min(DAY, 5 * MINUTE * 2 ** Math.min(attempts - 1, 20));
}

/** When a gone file is requested again. */
export function nextGoneCheckAt(now: number): number {
  return now + 30 * DAY;
}

/** Two misses at least this far apart make a file gone. */
export const GONE_AFTER_MS = DAY;

/** How long `watch` waits after a refused token: an hour, doubling to a day. */
export function refusedBackoffMs(refusalsInARow: number): number {
  return Math.min(DAY, HOUR * 2 ** Math.min(refusalsInARow - 1, 20));
}

/** The longest wait that is planned here for a task or file, and for a file that is gone. */
export const LONGEST_WAIT_MS = DAY;
export const LONGEST_GONE_WAIT_MS = 30 * DAY;

/**
 * The time that something is planned for, in milliseconds UTC. Null when there is none, and for one that is further away
 * than the longest plan: a clock that was ahead made it, so it is planned again.
 */
export function plannedAt(at: number | null, now: number, longest = LONGEST_WAIT_MS): number | null {
  return at === null || at > now + longest ? null : at;
}
