import type { RunArchive } from "../../../app/run-archive.ts";
import type { Config } from "../../../config.ts";
import { status } from "../../../query/stats/status.ts";
import { missingFiles } from "../../../query/stats/problems.ts";
import type { SyncReport } from "../../../sync/run-types.ts";
import type { Context, Outcome } from "../../command.ts";
import { runError, syncOnce, type SyncOnceOptions } from "../../../app/run-sync.ts";
import { proofLine } from "../../../print/views/proof-line.ts";
import { showProgress } from "../../../print/views/sync-progress.ts";
import { endLines } from "../../../print/views/sync-report.ts";
import { runJson } from "../../../sync/run-json.ts";

/** At most this many missing files are looked up, of which the summary names the first. */
const NAMED = 5;

/** One run with its live progress line. */
export async function syncWithProgress(
  context: Context,
  config: Config,
  archive: RunArchive,
  once: SyncOnceOptions,
): Promise<SyncReport> {
  using progress = showProgress(context.output, Date.now);
  return await syncOnce(config, archive, once, progress.emit, context.signal);
}

/** What `sync` and `demo` print of a run. In text the last line says why a run is incomplete; JSON has an error. */
export function syncOutcome(config: Config, { db }: RunArchive, report: SyncReport, json: boolean): Outcome {
  const counts = status(db, { kinds: config.kinds, now: report.finishedAt });
  const missing = missingFiles(db, config.kinds, NAMED);
  return {
    document: runJson(report),
    lines: [config.home, proofLine(counts, missing, report.finishedAt), ...endLines(report, missing[0])],
    error: json || report.outcome === "failed" ? runError(report) : undefined,
    exit: report.exitCode,
  };
}
