import type { AssetStore } from "../assets/store/store.ts";
import type { Database } from "../db/connection.ts";
import { sleep } from "../lib/net/backoff.ts";
import { unnamedPaths } from "../query/lists/archive-files.ts";

const PAGE = 500;
const YOUNG_MS = 60_000;
const LOOKS = 8;
const LOOK_MS = 150;

/**
 * Files below the assets folder that no row names; what downloads leave while under way is none. A sync that runs
 * meanwhile names a file just after it has come, so those that came lately are asked for again a few times. Throws
 * DiskError when a folder cannot be listed.
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
  for (let look = 0; look < LOOKS && (await anyYoung(store, unnamed)); look++) {
    await sleep(LOOK_MS, signal);
    unnamed = unnamedPaths(db, unnamed);
  }
  return unnamed.toSorted();
}

async function anyYoung(store: AssetStore, paths: string[]): Promise<boolean> {
  for (const path of paths) {
    const entry = await store.stat(path).catch(() => null);
    if (entry !== null && Date.now() - entry.modifiedAt < YOUNG_MS) return true;
  }
  return false;
}
