import { openForReading } from "../../app/archive.ts";
import { openRun } from "../open-run.ts";
import { lockSchedule, type RunArchive } from "../../app/run-archive.ts";
import type { Config } from "../../config.ts";
import { EXIT, LockedError, type MirrorError } from "../../lib/errors.ts";
import { refusalsInARow } from "../../query/history/runs.ts";
import { status } from "../../query/stats/status.ts";
import { missingFiles } from "../../query/stats/problems.ts";
import { checkSchedule, onSchedule } from "../../sync/on-schedule.ts";
import { plannedAt, refusedBackoffMs } from "../../record/schedule.ts";
import type { SyncReport } from "../../sync/run-types.ts";
import type { RunProblem } from "../../sync/tally.ts";
import { checkTracked } from "../../app/check-tracked.ts";
import type { CliCommand, Context } from "../command.ts";
import { toFailure } from "../failure.ts";
import { errorFields } from "../../print/output/error-text.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import { signalExitCode } from "../../print/output/interrupted.ts";
import { addBoundOptions, readBounds, addSettingOptions, type BoundFlags } from "../options/sync-options.ts";
import { runError, requireToken, refuseDemo, syncOnce, type SyncOnceOptions } from "../../app/run-sync.ts";
import { planSync } from "./sync/dry-run.ts";
import { showProgress } from "../../print/views/sync-progress.ts";
import { proofLine } from "../../print/views/proof-line.ts";
import { syncJson } from "../../print/views/sync-report.ts";

type Options = BoundFlags & { cron: string; timezone: string; dryRun?: boolean; json?: boolean };

/** Sync on a schedule, until stopped. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.option("--cron <schedule>", "when to run: five fields as in cron, or six with seconds first", "*/15 * * * *");
    bare.option("--timezone <name>", "time zone of the schedule, such as Europe/Berlin", "UTC");
    addSettingOptions(addBoundOptions(bare));
    bare.option("-n, --dry-run", "show what the first run would request and fetch; send and change nothing");
    bare.option("--json", "one JSON document for each run, each on one line");
    addExitCodes(bare, [0, 2, 7, 8, 9, 130, 143], {
      2: "usage or configuration; no archive here; nothing tracked",
      0: "--dry-run: shown what would be done",
      8: "another sync or watch holds the archive",
    });
    return addExample(bare, 'producer-mirror watch --cron "0 * * * *"');
  },

  async run(context, _args, options) {
    checkSchedule(options);
    const config = context.config();
    const once: SyncOnceOptions = { ...readBounds(options), trigger: "watch" };
    if (options.dryRun) return planSync(config, once);
    requireToken(config);
    await checkArchive(config);
    using _watch = lockSchedule(config);
    let first = true;
    const tick = async () => {
      const error = await runTick(context, config, once, options.json === true);
      if (first && error instanceof LockedError) throw error;
      first = false;
    };
    const { signal, output } = context;
    await onSchedule({ ...options, signal, tick, note: (line) => output.note(line) });
    return { exit: signalExitCode(signal) };
  },
};

async function checkArchive(config: Config): Promise<void> {
  using archive = await openForReading(config);
  refuseDemo(archive, config.home);
  checkTracked(archive, [], config, false);
}

/** One run and its one line. Whatever goes wrong is printed, and the next run comes all the same. */
async function runTick(
  context: Context,
  config: Config,
  once: SyncOnceOptions,
  json: boolean,
): Promise<MirrorError | undefined> {
  try {
    await using archive = await openRun(context, config, "watch");
    const skipped = backingOff(archive, Date.now());
    using progress = showProgress(context.output, Date.now);
    const report = await syncOnce(
      config,
      archive,
      { ...once, assetsOnly: skipped !== undefined, tasksSkipped: skipped },
      progress.emit,
      context.signal,
    );
    progress[Symbol.dispose]();
    await printRun(context, config, archive, report, json);
    return undefined;
  } catch (thrown) {
    const error = toFailure(thrown, config.home);
    if (json) await context.output.jsonLine({ error: errorFields(error) });
    context.output.note(`${new Date().toISOString()} ${error.message}`);
    return error;
  }
}

/**
 * A refused token is not tried in every run: only after 1 h, doubled up to 24 h, also across restarts. A run that sends
 * no request for that reason is not complete, and says so.
 */
function backingOff({ db }: Pick<RunArchive, "db">, now: number): RunProblem | undefined {
  const { count, since, code, message } = refusalsInARow(db);
  const wait = refusedBackoffMs(count);
  const until = plannedAt(since + wait, now, wait);
  if (count === 0 || until === null || now >= until) return undefined;
  return {
    exit: EXIT.refused,
    code: code ?? "refused",
    message: `${message ?? "the API refused"}; the next request is after ${new Date(until).toISOString()}`,
    hint: "`producer-mirror sync` sends a request now",
  };
}

async function printRun(
  { output }: Context,
  config: Config,
  { db }: { db: Parameters<typeof status>[0] },
  report: SyncReport,
  json: boolean,
): Promise<void> {
  const error = runError(report);
  if (json) return output.jsonLine(error ? { ...syncJson(report), error: errorFields(error) } : syncJson(report));
  const counts = status(db, { kinds: config.kinds, now: report.finishedAt });
  const proof = proofLine(counts, missingFiles(db, config.kinds, 5), report.finishedAt);
  const added = `${report.counts.tasksNew ?? 0} new, ${report.counts.assetsStored ?? 0} files`;
  output.print(
    `${new Date(report.finishedAt).toISOString()} ${report.outcome}: ${added} · ${proof}${error ? ` · ${error.message}` : ""}`,
  );
}
