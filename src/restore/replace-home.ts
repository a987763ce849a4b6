import { constants } from "node:fs";
import { cp, lstat, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { toDiskError } from "../lib/files/disk-errors.ts";
import { openStore } from "../assets/store/store.ts";
import { flushFolder, flushFile } from "../lib/files/flush.ts";
import { exists } from "../lib/files/entry.ts";
import { archivePath } from "../db/archive-file.ts";
import { connect } from "../db/connection.ts";
import { dropUnknownTriggers } from "../db/migrate.ts";
import { freeName } from "../lib/files/free-name.ts";
import { makeFolder } from "../lib/files/durable-files.ts";
import { copyFiles, type CopyDeps } from "./copy-files.ts";
import { listEntries, type Target } from "./target.ts";
import type { Sums } from "../backup/snapshot/sha256sums.ts";

export type RestorePlan = {
  from: string;
  /** Of the archive that is put back. */
  archiveId: string;
  /** Relative to `from`. */
  records: Sums;
  /** Relative to `from`, without the marker. */
  assets: Sums;
  move: boolean;
};

/** What the old home has of its own archive, and the new one brings. */
const OF_THE_ARCHIVE = /^(archive\.db|journal$)/;

/**
 * Makes the new home in `folder`: records and, when they lie in the home, files of the backup, and whatever else the old
 * home holds, such as `.env`. The database is brought to WAL mode, in which archives work, and loses triggers that
 * are not ours.
 */
export async function buildHome(folder: string, target: Target, parts: RestorePlan, deps: CopyDeps): Promise<void> {
  const { from, records, assets, archiveId, move } = parts;
  await makeFolder(folder);
  await copyFiles(from, folder, records, move, deps);
  await makeReady(archivePath(folder));
  if (target.assetsInHome !== null) {
    const root = join(folder, target.assetsInHome);
    const store = openStore(root, archiveId);
    await store.prepare({ files: false });
    const files = new Map([...assets].map(([path, sha256]) => [path.slice("assets/".length), sha256]));
    await copyFiles(join(from, "assets"), root, files, move, deps);
    await flushFolder(root);
  }
  await keepTheRest(folder, target, deps.signal);
  await flushFolder(folder);
}

/** Removes what restores that did not end have left beside the home; only the holder of its lock may. */
export async function removeLeftovers(home: string): Promise<void> {
  const name = basename(home);
  for (const entry of await readdir(dirname(home)).catch(() => []))
    if (entry.startsWith(`${name}.restoring-`) && /^\d{8}T\d{6}Z$/.test(entry.slice(`${name}.restoring-`.length)))
      await rm(join(dirname(home), entry), { recursive: true, force: true });
}

/** Puts the new home in the old one's place; answers where the old one is, null when there was nothing in it. */
export async function swapHomes(folder: string, target: Target, stamp: string): Promise<string | null> {
  const { home } = target;
  const before = freeName(`${home}.before-restore-${stamp}`);
  await rename(home, before).catch((error: unknown) => {
    throw toDiskError(error, home);
  });
  try {
    await rename(folder, home);
  } catch (error) {
    await rename(before, home);
    throw toDiskError(error, home);
  }
  await flushFolder(dirname(home));
  if ((await listEntries(before)).length > 0) return before;
  await rm(before, { recursive: true, force: true });
  return null;
}

async function makeReady(path: string): Promise<void> {
  const database = connect(path);
  try {
    dropUnknownTriggers(database);
    database.$client.pragma("journal_mode = wal");
  } finally {
    database.$client.close();
  }
  await flushFile(path);
}

async function keepTheRest(
  folder: string,
  { home, entries, assetsInHome }: Target,
  signal: AbortSignal,
): Promise<void> {
  const assets = assetsInHome === null ? null : join(home, assetsInHome);
  const wanted = async (place: string, to: string) => {
    signal.throwIfAborted();
    if (place === assets) return false;
    const entry = await lstat(place);
    // What the backup has brought stays, such as its queries.
    if ((await exists(to)) && !(entry.isDirectory() && (await lstat(to)).isDirectory())) return false;
    return entry.isFile() || entry.isDirectory() || entry.isSymbolicLink();
  };
  for (const name of entries) {
    if (OF_THE_ARCHIVE.test(name)) continue;
    await cp(join(home, name), join(folder, name), {
      recursive: true,
      mode: constants.COPYFILE_FICLONE,
      preserveTimestamps: true,
      verbatimSymlinks: true,
      filter: wanted,
    }).catch((error: unknown) => {
      throw signal.aborted ? error : toDiskError(error, join(folder, name));
    });
  }
}
