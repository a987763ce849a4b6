import { hostname } from "node:os";
import { eq } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { syncRuns } from "../db/schema.ts";

export type RunCounts = Omit<
  typeof syncRuns.$inferInsert,
  "id" | "trigger" | "pid" | "host" | "startedAt" | "finishedAt" | "outcome" | "exitCode" | "errorCode" | "errorMessage"
>;

export type RunEnd = {
  finishedAt: number;
  outcome: "complete" | "incomplete" | "interrupted" | "failed";
  exitCode: number;
  errorCode: string | null;
  errorMessage: string | null;
  counts: RunCounts;
};

/** Records the start of a run; returns its id. A row without an end belongs to a run that is still going on or was killed. */
export function beginRun(db: Database, trigger: string, startedAt: number): number {
  const row = db
    .insert(syncRuns)
    .values({ trigger, pid: process.pid, host: hostname(), startedAt })
    .returning({ id: syncRuns.id })
    .get();
  return row.id;
}

/** Records how a run ended, with its counts. */
export function finishRun(db: Database, id: number, { counts, ...end }: RunEnd): void {
  db.update(syncRuns)
    .set({ ...counts, ...end })
    .where(eq(syncRuns.id, id))
    .run();
}
