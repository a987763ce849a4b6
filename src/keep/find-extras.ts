import type { AssetStore } from "../assets/store.ts";
import type { Database } from "../db/connection.ts";
import { unnamedPaths } from "../query/kept-files.ts";

const PAGE = 500;

/**
 * Files below the assets folder that no row names; what downloads leave while under way is none. Asked twice, since a
 * sync that runs meanwhile names a file just after it has come. Throws DiskError when a folder cannot be listed.
 */
export async function findExtras(db: Database, store: AssetStore, signal: AbortSignal): Promise<string[]> {
  const extras: string[] = [];
  const page: string[] = [];
  for await (const path of store.list()) {
    signal.throwIfAborted();
    page.push(path);
    if (page.length === PAGE) extras.push(...unnamedPaths(db, page.splice(0)));
  }
  extras.push(...unnamedPaths(db, page));
  return unnamedPaths(db, extras).toSorted();
}
