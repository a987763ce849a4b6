import { constants, renameSync } from "node:fs";
import { cp, lstat, readdir, rm } from "node:fs/promises";
import { dirname, join, parse } from "node:path";
import { openStore } from "../assets/store/store.ts";
import { archivePath } from "../db/archive-file.ts";
import { readHeld } from "../archive/journal/held.ts";
import { connect, type Database } from "../db/connection.ts";
import { connectArchive } from "../db/identify.ts";
import { dropUnknownTriggers } from "../db/migrate.ts";
import { LockedError } from "../lib/errors.ts";
import { toStorageError } from "../lib/files/storage-errors.ts";
import { toDiskError } from "../lib/files/disk-errors.ts";
import { makeFolder } from "../lib/files/durable-files.ts";
import { exists } from "../lib/files/entry.ts";
import { flushFile, flushFolder } from "../lib/files/flush.ts";
import { freeName } from "../lib/files/free-name.ts";
import { makeFolders } from "../lib/files/make-folders.ts";
import { copyFiles, type CopyDeps } from "./copy-files.ts";
import type { RestorePlan } from "./plan.ts";
import { listEntries, type RestoreTarget } from "./target.ts";

/** What the backup replaces; other entries of the old home are copied. */
const OF_THE_ARCHIVE = /^(archive\.db|journal$)/;

/**
 * Makes the new home in `folder`: the records, the files of the backup when the assets folder is in the home, and all
 * other entries of the old home, such as `.env`. The database gets WAL mode, in which archives work, and loses triggers
 * that are not ours.
 */
export async function buildHome(
  folder: string,
  target: RestoreTarget,
  plan: RestorePlan,
  deps: CopyDeps,
): Promise<void> {
  const { from, records, assets, archiveId, mayMove } = plan;
  await makeFolder(folder);
  await copyFiles(from, folder, records, mayMove, deps);
  await prepareDatabase(archivePath(folder));
  if (target.assetsInHome !== null) {
    const root = join(folder, target.assetsInHome);
    await openStore(root, archiveId).prepare({ files: false });
    await copyFiles(join(from, "assets"), root, assets, mayMove, deps);
    await flushFolder(root);
  }
  await copyOtherEntries(folder, target, deps.signal);
  await flushFolder(folder);
}

/** The folder in which a new home is made, on the disk of the old one. */
export function newHome({ home, keepsFolder }: RestoreTarget, stamp: string): string {
  return keepsFolder ? join(home, `.restoring-${stamp}`) : `${home}.restoring-${stamp}`;
}

/** Removes what killed restores left where `newHome` is; only the holder of its lock may. */
export async function removeLeftovers(target: RestoreTarget): Promise<void> {
  const { dir, base } = parse(newHome(target, ""));
  for (const entry of await readdir(dir).catch(() => []))
    if (entry.startsWith(base) && /^\d{8}T\d{6}Z$/.test(entry.slice(base.length)))
      await rm(join(dir, entry), { recursive: true, force: true });
}

/**
 * As swapHomes, where the home cannot be renamed: what the new one replaces is moved to `before-restore-<time>` in the home,
 * then the new is moved up, the database last. A kill between leaves all of both there.
 */
export async function fillHome(
  folder: string,
  { home }: RestoreTarget,
  old: OldArchive | undefined,
  stamp: string,
): Promise<string | null> {
  const before = freeName(join(home, `before-restore-${stamp}`));
  const arriving = await readdir(folder);
  const leaving = (await listEntries(home)).filter((name) => OF_THE_ARCHIVE.test(name) || arriving.includes(name));
  arriving.sort((one, other) => Number(one === "archive.db") - Number(other === "archive.db"));
  whileUnchanged(old, home, () => {
    try {
      if (leaving.length > 0) makeFolders(before);
      for (const name of leaving) renameSync(join(home, name), join(before, name));
      for (const name of arriving) renameSync(join(folder, name), join(home, name));
    } catch (error) {
      throw toDiskError(error, home);
    }
  });
  await rm(folder, { recursive: true, force: true });
  await flushFolder(home);
  return leaving.length > 0 ? before : null;
}

/**
 * Renames the old home, then gives its name to the new one, while nobody writes to the old archive; its write-ahead log
 * goes with it. Returns the old one's new name. Throws LockedError, and leaves the old home, when
 * something was written to it since `old` was opened.
 */
export async function swapHomes(
  folder: string,
  target: RestoreTarget,
  old: OldArchive | undefined,
  stamp: string,
): Promise<string> {
  const { home } = target;
  const before = freeName(`${home}.before-restore-${stamp}`);
  whileUnchanged(old, home, () => {
    try {
      renameSync(home, before);
    } catch (error) {
      throw toDiskError(error, home);
    }
    try {
      renameSync(folder, home);
    } catch (error) {
      renameSync(before, home);
      throw toDiskError(error, home);
    }
  });
  await flushFolder(dirname(home));
  return before;
}

/**
 * Removes what is left of an old home that held nothing but locks, and says whether it did. Call it when these are released:
 * some disks (FUSE, NFS) keep an open file in its folder, which cannot go before it.
 */
export async function removeIfEmpty(before: string): Promise<boolean> {
  if ((await listEntries(before)).length > 0) return false;
  return rm(before, { recursive: true, force: true }).then(
    () => true,
    () => false,
  );
}

/** The archive that is replaced, and what it held of its journal when the restore began. */
export type OldArchive = Disposable & { db: Database; held: string | undefined };

/** Undefined when there is none that can be read, and so none that could be written to. */
export function openOldArchive({ home }: RestoreTarget): OldArchive | undefined {
  let db: Database | undefined;
  try {
    db = connectArchive(archivePath(home));
    if (!db) return undefined;
    return { db, held: heldBy(db), [Symbol.dispose]: () => void db?.$client.close() };
  } catch {
    db?.$client.close();
    return undefined;
  }
}

/** Undefined for a database of an older program. */
function heldBy(db: Database): string | undefined {
  try {
    return JSON.stringify(readHeld(db));
  } catch {
    return undefined;
  }
}

function whileUnchanged(old: OldArchive | undefined, home: string, work: () => void): void {
  if (!old) return work();
  const { $client: client } = old.db;
  try {
    client.exec("begin immediate");
  } catch (error) {
    throw toStorageError(error, archivePath(home));
  }
  try {
    if (heldBy(old.db) !== old.held)
      throw new LockedError(`another command wrote to ${home} while it was to be replaced`, {
        code: "changed",
        hint: "nothing was restored: run restore again when you no longer need what was written, or after a backup of it",
      });
    work();
  } finally {
    if (client.inTransaction) client.exec("rollback");
  }
}

async function prepareDatabase(path: string): Promise<void> {
  const database = connect(path);
  try {
    dropUnknownTriggers(database);
    database.$client.pragma("journal_mode = wal");
  } finally {
    database.$client.close();
  }
  await flushFile(path);
}

async function copyOtherEntries(
  folder: string,
  { home, entries, assetsInHome, keepsFolder }: RestoreTarget,
  signal: AbortSignal,
): Promise<void> {
  const assets = assetsInHome === null ? null : join(home, assetsInHome);
  const isWanted = async (path: string, to: string) => {
    signal.throwIfAborted();
    if (path === assets) return false;
    const entry = await lstat(path);
    // Files of the backup, such as its queries, are not overwritten.
    if ((await exists(to)) && !(entry.isDirectory() && (await lstat(to)).isDirectory())) return false;
    return entry.isFile() || entry.isDirectory() || entry.isSymbolicLink();
  };
  for (const name of entries) {
    // Where the folder stays, what the backup has nothing of stays where it is.
    if (OF_THE_ARCHIVE.test(name) || (keepsFolder && !(await exists(join(folder, name))))) continue;
    await cp(join(home, name), join(folder, name), {
      recursive: true,
      mode: constants.COPYFILE_FICLONE,
      preserveTimestamps: true,
      verbatimSymlinks: true,
      filter: isWanted,
    }).catch((error: unknown) => {
      throw signal.aborted ? error : toDiskError(error, join(folder, name));
    });
  }
}
