import type { MissingFile } from "../../query/stats/problems.ts";
import type { SyncReport } from "../../sync/run-types.ts";

/** The JSON of one run, as the contract names its fields. Times ISO 8601. */
export function syncJson(report: SyncReport) {
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

/** How the run ended, for a person: nothing to add for a complete one. `missing`: the first file to name, if any. */
export function endLines(report: SyncReport, missing: MissingFile | undefined): string[] {
  if (report.outcome === "interrupted")
    return ["interrupted: finished work is kept; run sync again, it continues from here"];
  if (report.outcome !== "incomplete") return [];
  const { failed, again } = { failed: report.waiting, again: "run sync again, it continues from here" };
  const cause = failed > 0 ? "" : ` ${report.problem?.message ?? ""};`;
  const id = report.problems.find(({ taskId }) => taskId !== undefined)?.taskId ?? missing?.clipId ?? missing?.taskId;
  return [`incomplete (3):${cause} ${again}${id === undefined ? "" : ` · producer-mirror why ${id.slice(0, 8)}`}`];
}
