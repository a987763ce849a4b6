import { closeSync, existsSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { Database } from "../../db/connection.ts";
import { setModeSync } from "../../lib/files/disk-limits.ts";
import { flushFileSync, flushFolderSync } from "../../lib/files/flush.ts";
import { freeName } from "../../lib/files/free-name.ts";

/**
 * Gives the archive at `path` the contents of another database. While SQLite can open the old one (`old`), its pages are
 * replaced inside its own file, in one transaction of SQLite: other processes that have it open go on with the new
 * contents, and the write-ahead log beside it stays its own. A file that is no database is renamed, with its log, before
 * the new one gets its name. The old contents are kept under the name `keepAs`, or a free one like it. After a kill at any
 * moment `path` has all of the old contents or all of the new ones. Returns where the old ones are, null when there were
 * none.
 */
export async function replaceDatabase(
  path: string,
  fresh: { db: Database; path: string },
  old: Database | undefined,
  keepAs: string,
): Promise<string | null> {
  const before = freeName(keepAs, ["-wal"]);
  const wasThere = existsSync(path);
  const isReplaced = old !== undefined && (await replacePages(path, fresh.db, old, before));
  old?.$client.close();
  if (!isReplaced) {
    fresh.db.$client.close();
    flushFileSync(fresh.path);
    if (wasThere) renameSync(path, before);
    // A log belongs to the file that it lay beside: SQLite would apply it to the new one.
    if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${before}-wal`);
    rmSync(`${path}-shm`, { force: true });
    renameSync(fresh.path, path);
  }
  flushFolderSync(dirname(path));
  return wasThere ? before : null;
}

/** False when SQLite cannot copy the pages of the old database, because it is damaged. */
async function replacePages(path: string, fresh: Database, old: Database, before: string): Promise<boolean> {
  try {
    closeSync(openSync(before, "wx", 0o600));
    setModeSync(before, 0o600);
    await old.$client.backup(before, ALL_PAGES);
    flushFileSync(before);
    await fresh.$client.backup(path, ALL_PAGES);
    return true;
  } catch (error) {
    rmSync(before, { force: true });
    if (/^SQLITE_(CORRUPT|NOTADB)/.test(String((error as { code?: unknown }).code))) return false;
    throw error;
  }
}

const ALL_PAGES = { progress: () => 0x7fffffff };
