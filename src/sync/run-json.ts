import type { SyncReport } from "./run-types.ts";

/** The JSON of one run, as the contract names its fields. Times ISO 8601. */
export function runJson(report: SyncReport) {
  const { counts } = report;
  return {
    outcome: report.outcome,
    tasks: {
      asked: counts.tasksAsked ?? 0,
      new: counts.tasksNew ?? 0,
      updated: counts.tasksUpdated ?? 0,
      unchanged: counts.tasksUnchanged ?? 0,
      pending: counts.tasksPending ?? 0,
      failed: counts.tasksFailed ?? 0,
      missing: counts.tasksMissing ?? 0,
    },
    clips: { new: counts.clipsNew ?? 0, updated: counts.clipsUpdated ?? 0 },
    assets: {
      stored: counts.assetsStored ?? 0,
      bytes: counts.assetsBytes ?? 0,
      failed: counts.assetsFailed ?? 0,
      gone: counts.assetsGone ?? 0,
      alreadyStored: counts.assetsAlreadyStored ?? 0,
    },
    requests: counts.requests ?? 0,
    startedAt: new Date(report.startedAt).toISOString(),
    finishedAt: new Date(report.finishedAt).toISOString(),
  };
}
