import { sql } from "drizzle-orm";
import type { Database } from "./connection.ts";

const DAY_MS = 24 * 3600 * 1000;
/** A longer time between two events of the archive may be a clock that was set. */
const JUMP_MS = 7 * DAY_MS;
/** Newer ones say enough about how often runs come. */
const RUNS = 1000;

/**
 * Since when the clock has gone on without a jump, as far as the archive's own events show: milliseconds UTC, minus
 * infinity when they show none. A jump is a step ahead by more than a week, and by more than twice any step before it: who
 * syncs once a month is not taken for a wrong clock for ever. Events are the starts of runs, in their order, and the latest
 * removal; runs that are ahead of a later one were by a clock that was set back. Whatever the time since an event decides
 * for good (a file that is gone, a trash that is emptied) goes by `timeGoneBy`.
 */
export function steadySince(db: Database, now: number): number {
  const [first, ...events] = eventsUpTo(db, now);
  let [since, longest, last] = [-Infinity, 0, first ?? now];
  for (const at of [...events, now]) {
    const step = at - last;
    if (step > JUMP_MS && step > 2 * longest) since = at;
    [longest, last] = [Math.max(longest, step), at];
  }
  return since;
}

/**
 * How long ago `moment` certainly was, in milliseconds: by the clock, and never longer than it has been steady. 0 for a
 * moment that the clock has not reached.
 */
export function timeGoneBy(moment: number, now: number, steady: number): number {
  return Math.max(0, now - Math.max(moment, steady));
}

/** Rising times up to `now`, the oldest first. */
function eventsUpTo(db: Database, now: number): number[] {
  const { $client: client } = db;
  const starts = client.prepare<[number], number>("select started_at from sync_runs order by id desc limit ?").pluck();
  const rising: number[] = [];
  for (const at of starts.all(RUNS).toReversed()) {
    while ((rising.at(-1) ?? -Infinity) > at) rising.pop();
    rising.push(at);
  }
  const { at: removedAt } = db.get<{ at: number | null }>(
    sql`select max(removed_at) as at from clips where removed_at <= ${now}`,
  );
  return [...rising.filter((at) => at <= now), ...(removedAt === null ? [] : [removedAt])].toSorted((a, b) => a - b);
}
