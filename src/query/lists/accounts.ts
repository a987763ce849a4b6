import { sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";

/** An account, and how many of its tasks are in the archive. */
export type Account = { id: string; tasks: number };

/** The accounts that mirrored tasks belong to, the largest first. */
export function accounts(db: Database): Account[] {
  return db.all<Account>(sql`
    select user_id as id, count(*) as tasks from tasks where coalesce(user_id, '') <> ''
    group by user_id order by tasks desc, user_id`);
}
