import { desc, eq, gt, isNotNull } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { backups, syncRuns, verifyRuns, type SyncRunRow } from "../../db/schema.ts";
import { EXIT } from "../../lib/errors.ts";
import { isoTime } from "../../lib/time/dates.ts";

/** The last sync run, with its counts. Times are ISO 8601. */
export type LastRun = {
  id: number;
  trigger: string;
  /** Null while the run is going on, and when it was killed. */
  outcome: string | null;
  exit: number | null;
  tasks: Record<"asked" | "new" | "updated" | "unchanged" | "pending" | "failed" | "missing", number>;
  clips: Record<"new" | "updated", number>;
  assets: Record<"stored" | "bytes" | "failed" | "gone" | "alreadyStored", number>;
  requests: number;
  startedAt: string | null;
  finishedAt: string | null;
  error: { code: string; message: string | null } | null;
};

/** The last verify, with its counts. */
export type LastVerify = {
  mode: string;
  checked: number;
  ok: number;
  missing: number;
  corrupt: number;
  extra: number;
  startedAt: string | null;
  finishedAt: string | null;
};

/** A finished backup. `outcome` is `incomplete` when files were damaged in the archive. */
export type LastBackup = {
  location: string;
  outcome: string | null;
  startedAt: string | null;
  finishedAt: string | null;
  clips: number;
  files: number;
  bytes: number;
};

/** The newest finished backup at any location; null when there is none. */
export function lastBackup(db: Database): LastBackup | null {
  const row = db
    .select()
    .from(backups)
    .where(isNotNull(backups.finishedAt))
    .orderBy(desc(backups.finishedAt))
    .limit(1)
    .get();
  if (!row) return null;
  const { location, outcome, clips, files, bytes } = row;
  return {
    location,
    outcome,
    startedAt: isoTime(row.startedAt),
    finishedAt: isoTime(row.finishedAt),
    clips,
    files,
    bytes,
  };
}

/** The run that began last, with counts as `sync --json` prints them; null when there is none. */
export function lastRun(db: Database): LastRun | null {
  const row = db.select().from(syncRuns).orderBy(desc(syncRuns.id)).limit(1).get();
  return row ? toRun(row) : null;
}

/** When the last complete run ended, in milliseconds UTC; null when there is none. */
export function lastCompleteRunAt(db: Database): number | null {
  const row = db
    .select({ finishedAt: syncRuns.finishedAt })
    .from(syncRuns)
    .where(eq(syncRuns.outcome, "complete"))
    .orderBy(desc(syncRuns.id))
    .limit(1)
    .get();
  return row?.finishedAt ?? null;
}

/** The last verify; null when there is none. */
export function lastVerify(db: Database): LastVerify | null {
  const row = db.select().from(verifyRuns).orderBy(desc(verifyRuns.id)).limit(1).get();
  if (!row) return null;
  const { id: _id, startedAt, finishedAt, ...counts } = row;
  return { ...counts, startedAt: isoTime(startedAt), finishedAt: isoTime(finishedAt) };
}

/** A row of a run as reports show it. */
export function toRun(run: SyncRunRow): LastRun {
  return {
    id: run.id,
    trigger: run.trigger,
    outcome: run.outcome,
    exit: run.exitCode,
    tasks: {
      asked: run.tasksAsked,
      new: run.tasksNew,
      updated: run.tasksUpdated,
      unchanged: run.tasksUnchanged,
      pending: run.tasksPending,
      failed: run.tasksFailed,
      missing: run.tasksMissing,
    },
    clips: { new: run.clipsNew, updated: run.clipsUpdated },
    assets: {
      stored: run.assetsStored,
      bytes: run.assetsBytes,
      failed: run.assetsFailed,
      gone: run.assetsGone,
      alreadyStored: run.assetsAlreadyStored,
    },
    requests: run.requests,
    startedAt: isoTime(run.startedAt),
    finishedAt: isoTime(run.finishedAt),
    error: run.errorCode === null ? null : { code: run.errorCode, message: run.errorMessage },
  };
}

export type Refusals = {
  /** How many of the newest runs that sent requests were refused by the API, one after the other. */
  count: number;
  /** When the last of them ended, in milliseconds UTC. */
  since: number;
  code: string | null;
  message: string | null;
};

/** The refusals since the last run that the API did not refuse. */
export function refusalsInARow(db: Database): Refusals {
  const runs = db
    .select({
      exitCode: syncRuns.exitCode,
      finishedAt: syncRuns.finishedAt,
      code: syncRuns.errorCode,
      message: syncRuns.errorMessage,
    })
    .from(syncRuns)
    .where(gt(syncRuns.requests, 0))
    .orderBy(desc(syncRuns.id))
    .limit(20)
    .all();
  const count = runs.findIndex((run) => run.exitCode !== EXIT.refused);
  const { finishedAt, code, message } = runs[0] ?? { finishedAt: null, code: null, message: null };
  return { count: count === -1 ? runs.length : count, since: finishedAt ?? 0, code, message };
}
