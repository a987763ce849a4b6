import type { RunArchive } from "./run-archive.ts";
import { connectApi, connectDownloader, freeSpace } from "./connect.ts";
import type { Config } from "../config.ts";
import { EXIT, MirrorError, UsageError } from "../lib/errors.ts";
import { clearExpiredTrash } from "../remove/remove.ts";
import { limitMemory } from "../lib/limit-memory.ts";
import { hasStoredFiles, isDemoArchive } from "../query/lists/archive-facts.ts";
import type { Emit } from "../sync/events.ts";
import { runSync } from "../sync/run.ts";
import type { SyncOptions, SyncReport } from "../sync/run-types.ts";
import type { RunProblem } from "../sync/tally.ts";
import { importText } from "../archive/import-text.ts";
import { readInputParts } from "../lib/files/read-input.ts";

export type SyncOnceOptions = Omit<SyncOptions, "kinds" | "batchSize" | "concurrency" | "ratePerSecond" | "notRead"> & {
  noAssets?: boolean;
  assetsOnly?: boolean;
  adoptAssets?: boolean;
  bytesPerSecond?: number;
};

/** One run over an archive that is open and locked: what sync, watch, serve and demo share. */
export async function syncOnce(
  config: Config,
  archive: RunArchive,
  options: SyncOnceOptions,
  emit: Emit,
  signal: AbortSignal,
  connect = connectApi,
): Promise<SyncReport> {
  using _memory = limitMemory();
  const { db, journal, store } = archive;
  if (!options.noAssets) await (options.adoptAssets ? store.adopt() : store.prepare({ files: hasStoredFiles(db) }));
  const notRead = await importFiles(config.from, archive, emit);
  const onRetry = ({ error, waitMs }: { error: Error; waitMs: number }) =>
    emit({ type: "retry", message: error.message, waitMs });
  await using api = options.assetsOnly ? undefined : await connect({ ...config, token: requireToken(config) }, onRetry);
  const onBytes = (count: number) => emit({ type: "bytes", count });
  const downloader = options.noAssets
    ? undefined
    : await connectDownloader(config, store, { onBytes, bytesPerSecond: options.bytesPerSecond });
  await clearExpiredTrash({ db, home: config.home, now: Date.now });
  try {
    const { kinds, batchSize, concurrency, rate } = config;
    const bounds = { ...options, notRead, kinds, batchSize, concurrency, ratePerSecond: rate };
    return await runSync(
      {
        db,
        home: config.home,
        freeBytes: await freeSpace(store),
        journal,
        api,
        downloader,
        emit,
        now: Date.now,
        signal,
      },
      bounds,
    );
  } finally {
    await downloader?.close();
  }
}

/** A file that cannot be read costs its own ids, not the run. */
async function importFiles(files: string[], archive: RunArchive, emit: Emit): Promise<RunProblem[]> {
  const problems: RunProblem[] = [];
  for (const file of files) {
    const counts = { added: 0, repeated: 0, useless: 0 };
    const unread = await eachPart(file, (text) => {
      const part = importText(archive, text, { source: file, now: Date.now(), explicit: false });
      for (const name of ["added", "repeated", "useless"] as const) counts[name] += part[name];
    });
    emit({ type: "imported", file, ...counts });
    const hint = "check the file, or leave it out of PRODUCER_MIRROR_FROM or --from";
    if (unread) problems.push({ exit: EXIT.incomplete, code: "from_unreadable", message: unread.message, hint });
  }
  return problems;
}

/** Returns why a file could not be read to its end. Errors of `work` are thrown. */
async function eachPart(file: string, work: (text: string) => void): Promise<MirrorError | undefined> {
  const parts = readInputParts(file);
  for (;;) {
    const next = await parts.next().catch((error: unknown) => error);
    if (next instanceof MirrorError) return next;
    if (!isPart(next)) throw next;
    if (next.done) return undefined;
    work(next.value);
  }
}

function isPart(next: unknown): next is IteratorResult<string, undefined> {
  return typeof next === "object" && next !== null && "done" in next;
}

/** The token. Throws a UsageError that explains how to set one. */
export function requireToken({ token }: Config): string {
  if (token) return token;
  throw new UsageError("ACEDATACLOUD_API_TOKEN is not set", {
    code: "no_token",
    hint: "copy the key of your application on platform.acedata.cloud into that variable or into .env (never a flag)",
  });
}

/** Throws UsageError for a demo archive: its made-up songs must not be mixed with those of a real account. */
export function refuseDemo({ db }: Pick<RunArchive, "db">, home: string): void {
  if (!isDemoArchive(db)) return;
  throw new UsageError(`${home} is the archive of the demo`, {
    code: "demo_archive",
    hint: "name a folder of your own with --home",
  });
}

/** A finished run as an error; undefined for a complete one. */
export function runError({ problem, exitCode, outcome }: SyncReport): MirrorError | undefined {
  if (outcome === "complete") return undefined;
  if (outcome === "interrupted")
    return new MirrorError("interrupted", exitCode as 130 | 143, "interrupted: what was finished is kept", {
      hint: "run sync again, it goes on from here",
    });
  return problem && new MirrorError(problem.code, problem.exit, problem.message, { hint: problem.hint });
}
