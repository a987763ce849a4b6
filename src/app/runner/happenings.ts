import type { SafeClip } from "../../query/lists/safe-clips.ts";
import { isoTime } from "../../lib/time/dates.ts";
import type { AssetRow } from "../../db/schema.ts";
import { runJson } from "../../sync/run-json.ts";
import type { SyncReport } from "../../sync/run-types.ts";
import type { RunProblem } from "../../sync/tally.ts";
import type { VerifyReport } from "../../verify/report.ts";
import type { SyncJob } from "./runner-types.ts";

/**
 * What programs are reported: `--exec`, `--json`, `--log json` and `/api/events` have this one shape. It holds no token, key or
 * address of a callback. `at` is ISO 8601.
 */
export type Happening = { event: HappeningName; at: string } & Record<string, unknown>;

export type HappeningName =
  "run.complete" | "run.incomplete" | "run.failed" | "song.safe" | "song.changed" | "asset.gone" | "verify.damaged";

const NAMED_FILES = 50;

/** The end of a run; undefined for one that was stopped. */
export function runHappening(job: SyncJob, report: SyncReport): Happening | undefined {
  const { outcome, problem, finishedAt } = report;
  if (outcome === "interrupted") return undefined;
  const error = outcome === "complete" ? undefined : problem;
  const at = isoTime(finishedAt) ?? "";
  return { event: `run.${outcome}`, at, by: job, ...runJson(report), ...(error && { error: errorOf(error) }) };
}

/** A run that could not begin or broke off. */
export function failureHappening(job: SyncJob, problem: RunProblem, at: number): Happening {
  return { event: "run.failed", at: isoTime(at) ?? "", by: job, error: errorOf(problem) };
}

export function songHappening(event: "song.safe" | "song.changed", clip: SafeClip, at: number): Happening {
  return { event, at: isoTime(at) ?? "", clip };
}

export function goneHappening({ kind, clipId, taskId }: AssetRow, at: number): Happening {
  const of = clipId === null ? { taskId } : { clipId };
  return { event: "asset.gone", at: isoTime(at) ?? "", asset: { kind, ...of } };
}

/** What a verify found; undefined when all is well. */
export function damageHappening(report: VerifyReport, at: number): Happening | undefined {
  const { mode, checked, missing, corrupt, database } = report;
  if (missing.length + corrupt.length + database.length === 0) return undefined;
  const files = [...missing, ...corrupt].slice(0, NAMED_FILES).map(({ path, kind, clipId, title, reason }) => ({
    path,
    kind,
    clipId,
    title,
    reason,
  }));
  const counts = { mode, checked, missing: missing.length, corrupt: corrupt.length };
  return { event: "verify.damaged", at: isoTime(at) ?? "", ...counts, database, files };
}

/** As the `error` of every command's JSON. */
function errorOf({ code, message, hint, exit }: RunProblem) {
  return { code, message, hint: hint ?? null, exit };
}
