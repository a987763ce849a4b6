import type { AssetStore } from "../assets/store/store.ts";
import type { Database } from "../db/connection.ts";
import { sleep } from "../lib/net/backoff.ts";
import { unnamedPaths } from "../query/lists/archive-files.ts";

const PAGE = 500;
const RECENT_MS = 60_000;
const RECHECKS = 8;
const RECHECK_DELAY_MS = 150;

/**
 * Files below the assets folder that no row names, sorted. Partial downloads are not among them. A sync that runs at the
 * same time writes the row just after the file, so recent files are checked a few times. Throws DiskError when a folder
 * cannot be listed.
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
  let unnamed = unnamedPaths(db, extras);
  for (let recheck = 0; recheck < RECHECKS && (await isAnyRecent(store, unnamed)); recheck++) {
    await sleep(RECHECK_DELAY_MS, signal);
    unnamed = unnamedPaths(db, unnamed);
  }
  return unnamed.toSorted();
}

async function isAnyRecent(store: AssetStore, paths: string[]): Promise<boolean> {
  for (const path of paths) {
    const entry = await store.stat(path).catch(() => null);
    if (entry !== null && Date.now() - entry.modifiedAt < RECENT_MS) return true;
  }
  return false;
}
