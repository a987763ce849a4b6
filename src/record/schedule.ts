const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A task that is still pending this long after its creation is stale: `watch` fetches it on the slowest schedule. */
export const STALE_AFTER_MS = DAY;

/** When `watch` fetches a task again, in milliseconds UTC; null for a settled task. */
export function nextCheckAt(state: string, createdAt: number | null, now: number): number | null {
  if (state === "missing") return now + DAY;
  if (state !== "pending") return null;
  const age = createdAt === null ? 0 : now - createdAt;
  return now + (age < STALE_AFTER_MS ? Math.max(SOONEST_MS, Math.floor(age / STEPS)) : DAY);
}

/**
 * An open task is asked for every 10 s at first, and later each time after a fortieth of its age: every 15 s after 10
 * minutes, every 90 s after an hour. Most songs take minutes, and so each is here soon after it is ready.
 */
const SOONEST_MS = 10 * SECOND;
const STEPS = 40;

/** So long after it was tracked, an id that the API does not know may still become visible. */
export const NEW_ID_MS = 10 * MINUTE;

/** When `watch` fetches an id again that the API did not know; `new`: one that was tracked a moment ago. */
export function nextNotSeenCheckAt(now: number): { soon: number; late: number; new: number } {
  return { soon: now + 10 * MINUTE, late: now + DAY, new: now + SOONEST_MS };
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
