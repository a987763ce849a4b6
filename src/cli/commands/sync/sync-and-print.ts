import type { RunArchive } from "../../../app/archive.ts";
import type { Config } from "../../../config.ts";
import { status } from "../../../query/stats/status.ts";
import { missingFiles } from "../../../query/stats/problems.ts";
import type { SyncReport } from "../../../sync/run-types.ts";
import type { Context } from "../../command.ts";
import { runError, syncOnce, type SyncOnceOptions } from "../../../app/run-sync.ts";
import { proofLine } from "../../../print/views/proof-line.ts";
import { showProgress } from "../../../print/views/sync-progress.ts";
import { endLines, syncJson } from "../../../print/views/sync-report.ts";

/** Files that the line of proof may name. */
const NAMED = 5;

/** One run with its live line, and how it ended: what `sync` and `demo` show. */
export async function syncAndPrint(
  context: Context,
  config: Config,
  archive: RunArchive,
  once: SyncOnceOptions,
  json: boolean,
): Promise<SyncReport> {
  const report = await watched(context, config, archive, once);
  await print(context, config, archive, report, json);
  return report;
}

async function watched(
  context: Context,
  config: Config,
  archive: RunArchive,
  once: SyncOnceOptions,
): Promise<SyncReport> {
  using progress = showProgress(context.output, Date.now);
  return await syncOnce(config, archive, once, progress.emit, context.signal);
}

async function print(
  { output }: Context,
  config: Config,
  { db }: RunArchive,
  report: SyncReport,
  json: boolean,
): Promise<void> {
  const error = runError(report);
  if (json && !error) return output.json(syncJson(report));
  if (json && error) return output.error(error, syncJson(report));
  const counts = status(db, { kinds: config.kinds, now: report.finishedAt });
  const missing = missingFiles(db, config.kinds, NAMED);
  output.print(`${config.home}\n${proofLine(counts, missing, report.finishedAt)}`);
  for (const line of endLines(report, missing[0])) output.print(line);
  if (error && report.outcome === "failed") await output.error(error);
}
