import type { Database } from "../../db/connection.ts";
import { EXIT } from "../../lib/errors.ts";
import { refusalsInARow } from "../../query/history/runs.ts";
import { plannedAt, refusedBackoffMs } from "../../record/schedule.ts";
import type { RunProblem } from "../../sync/tally.ts";

/**
 * A refused token is not tried in every run: only after 1 h, doubled up to 24 h, also across restarts. A run that sends
 * no request for that reason is not complete, and says so.
 */
export function backingOff(db: Database, now: number): RunProblem | undefined {
  const { count, since, code, message } = refusalsInARow(db);
  const wait = refusedBackoffMs(count);
  const until = plannedAt(since + wait, now, wait);
  if (count === 0 || until === null || now >= until) return undefined;
  return {
    exit: EXIT.refused,
    code: code ?? "refused",
    message: `${message ?? "the API refused"}; the next request is after ${new Date(until).toISOString()}`,
    hint: "`producer-mirror sync` sends a request now, and so does another token",
  };
}

/** Which token this process has seen refused; another one is tried at once. */
export type RefusedToken = { was: string | undefined };
