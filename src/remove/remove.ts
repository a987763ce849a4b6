import { join } from "node:path";
import { sql } from "drizzle-orm";
import type { Journal } from "../archive/journal/journal.ts";
import { filesToTrash, unmarkRemoved, markRemoved, recordTrashed, originalPath } from "../archive/removals.ts";
import { statEntry } from "../assets/store/files.ts";
import type { AssetStore } from "../assets/store/store.ts";
import type { Database } from "../db/connection.ts";
import { emptyTrash, moveFile, trashRoot, type Place } from "./trash.ts";
import { digestFile } from "../lib/files/read.ts";

export type RemoveDeps = {
  db: Database;
  journal: Journal;
  store: AssetStore;
  home: string;
  now: () => number;
  signal: AbortSignal;
};

export type Removed = { clips: number; files: number; alreadyRemoved: number };

/**
 * Takes clips out: the mark first, then their files into the trash, each move followed by its row. A killed one goes on
 * when any other `rm` runs. Upstream nothing is touched. The caller holds the lock. Throws DiskError.
 */
export async function removeClips(deps: RemoveDeps, clipIds: string[]): Promise<Removed> {
  const clips = markRemoved(deps, clipIds, deps.now());
  const files = await moveLeaving(deps);
  await forgetOldTrash(deps);
  return { clips, files, alreadyRemoved: clipIds.length - clips };
}

async function moveLeaving({ db, store, home, signal }: RemoveDeps): Promise<number> {
  let files = 0;
  for (const { id, path, trashPath } of filesToTrash(db)) {
    signal.throwIfAborted();
    const isHere = (await store.stat(path))?.type === "file" && !isNamedElsewhere(db, id, path);
    const to = { root: trashRoot(home), path: trashPath };
    if (isHere) await moveFile({ root: store.root, path }, to, signal);
    const isThere = isHere || (await statEntry(to.root, to.path))?.type === "file";
    recordTrashed(db, id, isThere ? trashPath : null);
    if (isThere) files++;
  }
  return files;
}

/** Another row needs the very same file. */
function isNamedElsewhere(db: Database, id: number, path: string): boolean {
  const other = sql`select exists(select 1 from assets where path = ${path} and id <> ${id} and removed_at is null) as other`;
  return db.get<{ other: number }>(other).other === 1;
}

/** What has been in the trash for 30 days goes. Throws DiskError. */
export async function forgetOldTrash({ db, home, now }: Pick<RemoveDeps, "db" | "home" | "now">): Promise<void> {
  for (const path of await emptyTrash(home, now()))
    db.run(sql`update assets set trash_path = null where trash_path = ${path}`);
}

export type Kept = { clips: number; files: number; toFetch: number };

/** Brings clips back: their files out of the trash where these are as they were, else they are wanted again. */
export async function keepClips(deps: RemoveDeps, clipIds: string[]): Promise<Kept> {
  const { db, store, home, signal, now } = deps;
  await moveLeaving(deps);
  const back = new Map<number, string>();
  const rows = trashed(db, clipIds);
  for (const { id, trashPath, sha256 } of rows) {
    signal.throwIfAborted();
    if (trashPath === null) continue;
    const from = { root: trashRoot(home), path: trashPath };
    const path = originalPath(trashPath);
    if ((await statEntry(from.root, from.path))?.type !== "file") continue;
    if (await isAsStored(from, sha256, signal)) {
      await moveFile(from, { root: store.root, path }, signal);
      back.set(id, path);
    }
  }
  unmarkRemoved(deps, clipIds, back, now());
  return { clips: clipIds.length, files: back.size, toFetch: rows.length - back.size };
}

type Trashed = { id: number; trashPath: string | null; sha256: string | null };

function trashed(db: Database, clipIds: string[]): Trashed[] {
  return db.all<Trashed>(sql`select id, trash_path as "trashPath", sha256 from assets
    where removed_at is not null and clip_id in (select value from json_each(${JSON.stringify(clipIds)}))`);
}

async function isAsStored({ root, path }: Place, sha256: string | null, signal: AbortSignal): Promise<boolean> {
  const found = await digestFile(join(root, path), signal);
  return found.sha256 === sha256;
}
