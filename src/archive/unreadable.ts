import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { setModeSync } from "../lib/files/disk-limits.ts";
import { makeFolders } from "../lib/files/make-folders.ts";
import type { Database } from "../db/connection.ts";
import { flushFileSync, flushFolderSync } from "../lib/files/flush.ts";
import { toStorageError } from "../lib/files/storage-errors.ts";

/** Limits, so that a misbehaving service cannot fill the disk. */
const MAX_TEXTS = 1000;
const MAX_BYTES = 4 * 1024 * 1024;
const NAME = /^[0-9a-f-]{36}$/;

/** The folder of these texts in the home. */
export const UNREADABLE = "unreadable";

/** The names of the files in it. Throws DiskError. */
export function unreadableNames(home: string): string[] {
  return namesIn(join(home, UNREADABLE)).toSorted();
}

export type UnreadableStore = {
  /**
   * Saves the newest unreadable text of a task. Returns its path relative to the home, or undefined when it was not saved:
   * over a limit, or it names a purged clip. Throws DiskError.
   */
  save(taskId: string, text: string): string | undefined;
  /** Deletes the text of a task whose record was read after all. */
  remove(taskId: string): void;
};

/**
 * The exact texts of records that cannot be read, one file per task: `<home>/unreadable/<task id>.json`. No row can hold
 * them, and the text cannot be fetched again once it is gone upstream.
 */
export function openUnreadableStore(home: string, db: Database): UnreadableStore {
  const folder = join(home, UNREADABLE);
  const saved = new Set(namesIn(folder));
  return {
    save: (taskId, text) => {
      const name = `${taskId}.json`;
      const fits = NAME.test(taskId) && text.length <= MAX_BYTES && (saved.has(name) || saved.size < MAX_TEXTS);
      if (!fits || mentionsPurged(db, text)) return undefined;
      saveText(home, folder, name, text);
      saved.add(name);
      return `${UNREADABLE}/${name}`;
    },
    remove: (taskId) => {
      if (saved.delete(`${taskId}.json`)) rmSync(join(folder, `${taskId}.json`), { force: true });
    },
  };
}

/** Deletes the texts that name one of these clips, for a purge. Throws DiskError. */
export function removeUnreadable(home: string, clipIds: string[]): void {
  const folder = join(home, UNREADABLE);
  for (const name of namesIn(folder)) {
    const text = readFileSync(join(folder, name), "utf8");
    if (mentionsAny(text, clipIds)) rmSync(join(folder, name), { force: true });
  }
}

function saveText(home: string, folder: string, name: string, text: string): void {
  try {
    if (makeFolders(folder) !== undefined) flushFolderSync(home);
    const fresh = join(folder, `${name}.new`);
    writeFileSync(fresh, text, { mode: 0o600 });
    setModeSync(fresh, 0o600);
    flushFileSync(fresh);
    renameSync(fresh, join(folder, name));
    flushFolderSync(folder);
  } catch (error) {
    throw toStorageError(error, folder);
  }
}

/** What the user purged must not come back this way. */
function mentionsPurged(db: Database, text: string): boolean {
  const purged = db.all<{ id: string }>(sql`select id from clips where purged_at is not null`);
  return mentionsAny(
    text,
    purged.map(({ id }) => id),
  );
}

/** A clip that arrived without an id has one made from its task id. */
function mentionsAny(text: string, clipIds: string[]): boolean {
  return clipIds.some((id) => text.includes(id.replace(/_\d+$/, "")));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".json"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw toStorageError(error, folder);
  }
}
