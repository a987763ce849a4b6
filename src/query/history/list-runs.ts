import { desc, lt } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { syncRuns } from "../../db/schema.ts";
import { toRun, type LastRun } from "./runs.ts";

/** The runs of sync, the newest first; `before` is the number of a run, of which older ones are listed. */
export function listRuns(db: Database, limit: number, before = Infinity): LastRun[] {
  const rows = db
    .select()
    .from(syncRuns)
    .where(Number.isFinite(before) ? lt(syncRuns.id, before) : undefined)
    .orderBy(desc(syncRuns.id))
    .limit(limit)
    .all();
  return rows.map(toRun);
}
