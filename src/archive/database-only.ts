/**
 * Bookkeeping: what only the database knows and what may be lost with it. All other rows and columns are what a replay of
 * the journal makes. `verify` compares those, and `rebuild` takes this over from an old database that can still be read.
 */
export const BOOKKEEPING = {
  /** History: runs, verifies, backups and the copies that they made. */
  tables: ["sync_runs", "verify_runs", "backups", "copies"],
  /** Facts of `archive_info`: which triggers and views it has, and by which rules its rows were made. */
  facts: ["objects", "rules"],
  columns: {
    tracked_tasks: ["attempts", "not_seen", "missing_since", "last_checked_at", "next_check_at", "last_error"],
    assets: ["attempts", "misses", "first_miss_at", "next_attempt_at", "http_status", "last_error", "verified_at"],
  },
} as const;
