import type { Config } from "../../config.ts";
import { EXIT } from "../../lib/errors.ts";
import { missingFiles } from "../../query/stats/problems.ts";
import { status } from "../../query/stats/status.ts";
import type { SyncReport } from "../../sync/run-types.ts";
import { toProblem } from "../../sync/tally.ts";
import type { ApiLine } from "../connect.ts";
import { renew } from "../renew.ts";
import { openForRun, type RunArchive } from "../run-archive.ts";
import { syncOnce, type SyncOnceOptions } from "../run-sync.ts";
import { failureHappening, runHappening, type Happening } from "./happenings.ts";
import { backingOff, type RefusedToken } from "./refused.ts";
import type { EmitRunner, RunnerOptions, SyncJob } from "./runner-types.ts";
import type { SongNotices } from "./song-notices.ts";

export type RunDeps = {
  settings: () => Promise<Config>;
  options: RunnerOptions;
  line: ApiLine;
  notices: SongNotices;
  refused: RefusedToken;
  emit: EmitRunner;
  tell: (happening: Happening) => void;
  signal: AbortSignal;
};

const NAMED_FILES = 5;

/** Runs once and tells how it ended. Rejects when it could not begin or broke off; that has been reported too. */
export async function runOnce(deps: RunDeps, job: SyncJob, only?: string[]): Promise<SyncReport> {
  const { emit, tell, signal } = deps;
  emit({ type: "began", job, at: Date.now() });
  let home = "";
  try {
    const config = await deps.settings();
    home = config.home;
    await using archive = await open(deps, config);
    const songs = deps.notices.during({ db: archive.db, kinds: config.kinds, now: Date.now, tell });
    const see = (event: Parameters<typeof songs.see>[0]) => {
      emit({ type: "progress", job, event });
      songs.see(event);
    };
    const report = await syncOnce(
      job === "question" ? { ...config, from: [] } : config,
      archive,
      optionsOf(deps, config, archive, job, only),
      see,
      signal,
      deps.line.connect,
    );
    remember(deps.refused, config, report);
    songs.end();
    tellEnd(deps, config, archive, job, report);
    return report;
  } catch (error) {
    const [problem, at] = [toProblem(error, home), Date.now()];
    emit({ type: "failed", job, problem, at });
    if (job !== "question") tell(failureHappening(job, problem, at));
    throw error;
  }
}

function open({ options, signal, emit }: RunDeps, config: Config): Promise<RunArchive> {
  const note = (message: string) => emit({ type: "note", message });
  return openForRun(config, options.name, { renew: () => renew({ home: config.home, signal, note }) });
}

function optionsOf(
  { options, refused }: RunDeps,
  { token }: Config,
  { db }: RunArchive,
  job: SyncJob,
  only: string[] | undefined,
): SyncOnceOptions {
  const { bounds } = options;
  if (job === "question") return { ...bounds, trigger: "watch", betweenRuns: true, only };
  if (job === "sync") return { ...bounds, trigger: "manual" };
  const isOther = refused.was !== undefined && refused.was !== token;
  const skipped = isOther ? undefined : backingOff(db, Date.now());
  return { ...bounds, trigger: "watch", assetsOnly: skipped !== undefined, tasksSkipped: skipped };
}

function remember(refused: RefusedToken, { token }: Config, { exitCode, counts }: SyncReport): void {
  if (exitCode === EXIT.refused) refused.was = token;
  else if ((counts.requests ?? 0) > 0) refused.was = undefined;
}

function tellEnd(
  { emit, tell }: RunDeps,
  { kinds }: Config,
  { db }: RunArchive,
  job: SyncJob,
  report: SyncReport,
): void {
  const counts = status(db, { kinds, now: report.finishedAt });
  emit({ type: "ran", job, report, status: counts, missing: missingFiles(db, kinds, NAMED_FILES) });
  const happening = job === "question" ? undefined : runHappening(job, report);
  if (happening) tell(happening);
}
