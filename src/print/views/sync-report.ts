import type { MissingFile } from "../../query/stats/problems.ts";
import type { SyncReport } from "../../sync/run-types.ts";

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
