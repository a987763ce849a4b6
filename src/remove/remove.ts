import { join } from "node:path";
import { sql } from "drizzle-orm";
import type { Journal } from "../archive/journal/entry.ts";
import { filesToTrash, unmarkRemoved, markRemoved, recordTrashed, originalPath } from "../archive/removals.ts";
import { statEntry } from "../assets/store/files.ts";
import type { AssetStore } from "../assets/store/store.ts";
import { steadySince } from "../db/clock.ts";
import type { Database } from "../db/connection.ts";
import { hasStoredFiles } from "../query/lists/archive-facts.ts";
import { deleteExpiredFiles, moveFile, moveIntoTrash, trashRoot, type RootedPath } from "./trash.ts";
import { digestFile } from "../lib/files/read.ts";

export type RemoveDeps = {
  db: Database;
  journal: Journal;
  store: AssetStore;
  home: string;
  now: () => number;
  signal: AbortSignal;
};

export type RemovedClips = { clips: number; files: number; alreadyRemoved: number };

/**
 * Removes clips from the library: marks them first, then moves their files to the trash one by one, each with its row. The
 * next `rm` completes a killed one. Nothing changes upstream. The caller holds the lock. Throws DiskError.
 */
export async function removeClips(deps: RemoveDeps, clipIds: string[]): Promise<RemovedClips> {
  await requireFiles(deps);
  const clips = markRemoved(deps, clipIds, deps.now());
  const files = await moveToTrash(deps);
  await clearExpiredTrash(deps);
  return { clips, files, alreadyRemoved: clipIds.length - clips };
}

/** Nothing is marked while the folder of the files is not there: they could be neither moved nor deleted. */
export async function requireFiles({ db, store }: Pick<RemoveDeps, "db" | "store">): Promise<void> {
  await store.check({ files: hasStoredFiles(db) });
}

async function moveToTrash({ db, store, home, signal }: RemoveDeps): Promise<number> {
  let files = 0;
  for (const { id, path, trashPath } of filesToTrash(db)) {
    signal.throwIfAborted();
    const isStored = (await store.stat(path))?.type === "file" && !isNamedElsewhere(db, id, path);
    const to = { root: trashRoot(home), path: trashPath };
    if (isStored) await moveIntoTrash({ root: store.root, path }, to, signal);
    const isInTrash = isStored || (await statEntry(to.root, to.path))?.type === "file";
    recordTrashed(db, id, isInTrash ? trashPath : null);
    if (isInTrash) files++;
  }
  return files;
}

/** True when another row names the same file. */
function isNamedElsewhere(db: Database, id: number, path: string): boolean {
  const other = sql`select exists(select 1 from assets where path = ${path} and id <> ${id} and removed_at is null) as other`;
  return db.get<{ other: number }>(other).other === 1;
}

/**
 * Deletes the files that have been in the trash for 30 days, and updates their rows. After a jump of the clock their days are counted from there.
 * Throws DiskError.
 */
export async function clearExpiredTrash({ db, home, now }: Pick<RemoveDeps, "db" | "home" | "now">): Promise<void> {
  for (const path of await deleteExpiredFiles(home, now(), steadySince(db, now())))
    db.run(sql`update assets set trash_path = null where trash_path = ${path}`);
}

export type UndoneRemoval = { clips: number; files: number; toFetch: number };

/**
 * Undoes the removal of clips. Files come back from the trash when their bytes are unchanged; the others (`toFetch`) become
 * `wanted`, so that the next sync fetches them. The caller holds the lock. Throws DiskError.
 */
export async function undoRemoval(deps: RemoveDeps, clipIds: string[]): Promise<UndoneRemoval> {
  const { db, store, home, signal, now } = deps;
  await requireFiles(deps);
  await moveToTrash(deps);
  const restored = new Map<number, string>();
  const rows = trashedFiles(db, clipIds);
  for (const { id, trashPath, sha256 } of rows) {
    signal.throwIfAborted();
    if (trashPath === null) continue;
    const from = { root: trashRoot(home), path: trashPath };
    const path = originalPath(trashPath);
    if ((await statEntry(from.root, from.path))?.type !== "file") continue;
    if (await hasDigest(from, sha256, signal)) {
      await store.check({ files: true });
      await moveFile(from, { root: store.root, path }, signal);
      restored.set(id, path);
    }
  }
  unmarkRemoved(deps, clipIds, restored, now());
  return { clips: clipIds.length, files: restored.size, toFetch: rows.length - restored.size };
}

type TrashedFile = { id: number; trashPath: string | null; sha256: string | null };

function trashedFiles(db: Database, clipIds: string[]): TrashedFile[] {
  return db.all<TrashedFile>(sql`select id, trash_path as "trashPath", sha256 from assets
    where removed_at is not null and clip_id in (select value from json_each(${JSON.stringify(clipIds)}))`);
}

async function hasDigest({ root, path }: RootedPath, sha256: string | null, signal: AbortSignal): Promise<boolean> {
  const found = await digestFile(join(root, path), signal);
  return found.sha256 === sha256;
}
