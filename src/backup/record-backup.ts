import { beginBackup, finishBackup } from "../archive/copies.ts";
import type { Database } from "../db/connection.ts";
import { acquireLock } from "../db/lock.ts";

type Counts = { clips: number; files: number; bytes: number };

/**
 * Runs `work`, one backup to `location`, with its row in `backups`: `complete`, `incomplete` (some files are not in it),
 * or `interrupted` or `failed` when it throws. Throws LockedError while another backup of the archive runs.
 */
export async function recordBackup<Result extends Counts>(
  deps: { home: string; db: Database; now: () => number; signal: AbortSignal },
  location: string,
  work: () => Promise<{ result: Result; isComplete: boolean }>,
): Promise<Result> {
  const { home, db, now, signal } = deps;
  using _lock = acquireLock(home, "backup", 0, "backup-lock");
  const id = beginBackup(db, location, now());
  try {
    const { result, isComplete } = await work();
    const { clips, files, bytes } = result;
    const outcome = isComplete ? "complete" : "incomplete";
    finishBackup(db, id, { outcome, clips, files, bytes, finishedAt: now(), errorMessage: null });
    return result;
  } catch (error) {
    const outcome = signal.aborted ? "interrupted" : "failed";
    const errorMessage = error instanceof Error ? error.message : String(error);
    finishBackup(db, id, { outcome, clips: 0, files: 0, bytes: 0, finishedAt: null, errorMessage });
    throw error;
  }
}
