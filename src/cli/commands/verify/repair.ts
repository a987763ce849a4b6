import { archiveIdOf, verifyResultsOf } from "../../../app/archive-files.ts";
import type { RunArchive } from "../../../app/run-archive.ts";
import { connectApi, connectDownloader } from "../../../app/connect.ts";
import type { Config } from "../../../config.ts";
import type { CopySource } from "../../../verify/repair/copy-source.ts";
import { openFolderSource } from "../../../verify/repair/folder-source.ts";
import type { Decode } from "../../../verify/decode.ts";
import { openOffSiteSource } from "../../../backup/off-site/off-site-source.ts";
import { isOffSite } from "../../../backup/off-site/location.ts";
import { repair, type RepairOutcome } from "../../../verify/repair/repair.ts";
import type { FileFinding } from "../../../verify/walk-files.ts";
import { isDemoArchive } from "../../../query/lists/archive-facts.ts";
import { fetchLostFiles } from "../../../sync/files/fetch-lost-files.ts";
import type { Context } from "../../command.ts";
import { openOffSite } from "../../options/off-site-option.ts";

type RepairFlags = { from: string | undefined; decode: Decode | undefined; dryRun: boolean };

export type OpenRepair = AsyncDisposable & {
  results: ReturnType<typeof verifyResultsOf>;
  files(findings: FileFinding[], extras: string[]): Promise<RepairOutcome>;
};

/** What `verify --repair` works with; the archive's lock is held, except in a dry run. */
export async function openRepair(
  context: Context,
  config: Config,
  archive: Pick<RunArchive, "db" | "store"> & Partial<RunArchive>,
  { from, decode, dryRun }: RepairFlags,
): Promise<OpenRepair> {
  const { signal } = context;
  const { db, store } = archive;
  const results = verifyResultsOf(db);
  const now = Date.now;
  const source = from === undefined ? undefined : await openSource(context, archive, from);
  const again = isDemoArchive(db) ? undefined : fetcher(context, config, archive);
  const onProgress = () => {};
  const common = { db, store, source, decode, dryRun, now, signal, onProgress };
  return {
    results,
    files: (findings, extras) =>
      repair({ ...common, results: dryRun ? undefined : results, refetch: again }, findings, extras),
    [Symbol.asyncDispose]: async () => source?.[Symbol.asyncDispose](),
  };
}

async function openSource(context: Context, { db }: Pick<RunArchive, "db">, from: string): Promise<CopySource> {
  if (!isOffSite(from)) return openFolderSource(from);
  const location = await openOffSite(context, from, {});
  return openOffSiteSource(location, archiveIdOf(db));
}

/** Needs no token; with one, the task is requested for a new URL of a file that is gone. */
function fetcher({ signal }: Context, config: Config, { db, store, journal }: Parameters<typeof openRepair>[2]) {
  return async (ids: number[], broken: number[]): Promise<void> => {
    if (!journal) return;
    const transfer = { onBytes: () => {}, bytesPerSecond: undefined };
    const downloader = await connectDownloader(config, store, transfer);
    const { home, token, concurrency } = config;
    await using api = token === undefined ? undefined : await connectApi({ ...config, token }, () => {});
    const deps = { db, home, journal, downloader, api, emit: () => {}, now: Date.now, signal, concurrency };
    try {
      const others = ids.filter((id) => !broken.includes(id));
      if (others.length > 0) await fetchLostFiles(deps, others, false);
      if (broken.length > 0) await fetchLostFiles(deps, broken, true);
    } finally {
      await downloader.close();
    }
  };
}
