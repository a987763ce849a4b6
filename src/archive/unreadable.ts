import { chmodSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { makeFolders } from "../lib/files/make-folders.ts";
import type { Database } from "../db/connection.ts";
import { flushFileSync, flushFolderSync } from "../lib/files/flush.ts";
import { toStorageError } from "../lib/files/storage-errors.ts";

/** So many texts of at most so many bytes each: a service that went mad must not fill the disk. */
const MOST = 1000;
const MOST_BYTES = 4 * 1024 * 1024;
const NAME = /^[0-9a-f-]{36}$/;

export type UnreadableStore = {
  /** Keeps the newest text of a task that nothing can be made of; returns where, relative to the home, or undefined. Throws DiskError. */
  save(taskId: string, text: string): string | undefined;
  /** Its record was read after all: the archive has it now. */
  remove(taskId: string): void;
};

/**
 * Records that cannot be read, word for word, one file a task: `<home>/unreadable/<task id>.json`. There is no row that
 * they could belong to, and the text cannot be asked for again once it is gone upstream.
 */
export function openUnreadableStore(home: string, db: Database): UnreadableStore {
  const folder = join(home, "unreadable");
  const kept = new Set(namesIn(folder));
  return {
    save: (taskId, text) => {
      const name = `${taskId}.json`;
      const fits = NAME.test(taskId) && text.length <= MOST_BYTES && (kept.has(name) || kept.size < MOST);
      if (!fits || tellsOfPurged(db, text)) return undefined;
      save(home, folder, name, text);
      kept.add(name);
      return `unreadable/${name}`;
    },
    remove: (taskId) => {
      if (kept.delete(`${taskId}.json`)) rmSync(join(folder, `${taskId}.json`), { force: true });
    },
  };
}

/** Removes the texts that name one of these clips; for a purge. Throws DiskError. */
export function removeUnreadable(home: string, clipIds: string[]): void {
  const folder = join(home, "unreadable");
  for (const name of namesIn(folder)) {
    const text = readFileSync(join(folder, name), "utf8");
    if (tells(text, clipIds)) rmSync(join(folder, name), { force: true });
  }
}

function save(home: string, folder: string, name: string, text: string): void {
  try {
    if (makeFolders(folder) !== undefined) flushFolderSync(home);
    const fresh = join(folder, `${name}.new`);
    writeFileSync(fresh, text, { mode: 0o600 });
    chmodSync(fresh, 0o600);
    flushFileSync(fresh);
    renameSync(fresh, join(folder, name));
    flushFolderSync(folder);
  } catch (error) {
    throw toStorageError(error, folder);
  }
}

/** What its owner took out for good does not come back by this way. */
function tellsOfPurged(db: Database, text: string): boolean {
  const purged = db.all<{ id: string }>(sql`select id from clips where purged_at is not null`);
  return tells(
    text,
    purged.map(({ id }) => id),
  );
}

/** A clip that came without an id is named after its task. */
function tells(text: string, clipIds: string[]): boolean {
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
