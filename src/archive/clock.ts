import { sql } from "drizzle-orm";
import type { Database } from "../db/connection.ts";

const DAY_MS = 24 * 3600 * 1000;
/** A longer time between two events of the archive may be a clock that was set. */
const JUMP_MS = 7 * DAY_MS;

/**
 * Whether the clock has gone on for a day since it last jumped ahead of everything that the archive knows, by a week or
 * more. Until then nothing that cannot be undone is decided by how much time has passed: the clock may be wrong. Events are
 * the starts of runs and the latest removal; `now` is milliseconds UTC.
 */
export function isClockSteady(db: Database, now: number): boolean {
  const { at } = db.get<{ at: number | null }>(sql`
    with events(at) as (
      select started_at from sync_runs where started_at < ${now}
      union select max(removed_at) from clips where removed_at < ${now}
      union select ${now}),
    steps as (select at, at - lag(at) over (order by at) as step from events where at is not null)
    select max(at) as at from steps where step > ${JUMP_MS}`);
  return at === null || now - at >= DAY_MS;
}
