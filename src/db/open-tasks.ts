import { sql } from "drizzle-orm";

/**
 * Ids that the next run by hand requests: tracked tasks that have not ended, and those that were never fetched because only
 * the body of a callback arrived. Each half reads one whole partial index; an `or` of the two conditions would scan every row.
 */
export const OPEN_TASK_IDS = sql`(select task_id from tracked_tasks where untracked_at is null and state in ('pending', 'missing')
  union select task_id from tracked_tasks where untracked_at is null and attempts = 0)`;
