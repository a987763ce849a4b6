import { join } from "node:path";
import { digestFile } from "../../lib/files/read.ts";
import { lstatEntry } from "../../lib/files/entry.ts";
import type { AssetStore } from "../../assets/store/store.ts";
import type { Database } from "../../db/connection.ts";
import { DiskError } from "../../lib/errors.ts";
import { inParallel } from "../../lib/concurrency.ts";
import { storedTwins } from "../../query/lists/archive-files.ts";
import type { Finding } from "../walk-files.ts";

/** Files below the assets folder by their digest, as far as one of them is wanted; paths are relative to it. */
export type Local = {
  /** No row names these, or they lie in the place of another file: they may be moved. */
  loose: Map<string, string>;
  /** Another row names these: they may only be copied. */
  twins: Map<string, string[]>;
};

const WIDTH = 4;

/**
 * Looks for wanted bytes under any name: among files that no row names, among those that lie in a wrong place, and under
 * the names of other rows. Reads only what has a wanted size. Throws the signal's reason.
 */
export async function searchLocally(
  { db, store, signal }: { db: Database; store: AssetStore; signal: AbortSignal },
  findings: Finding[],
  extras: string[],
): Promise<Local> {
  const wanted = new Map(findings.flatMap(({ file }) => (file.sha256 ? [[file.sha256, file.bytes] as const] : [])));
  const sizes = new Set(wanted.values());
  const local: Local = { loose: new Map(), twins: new Map() };
  const keep = (sha256: string | undefined, path: string) => {
    if (sha256 !== undefined && wanted.has(sha256)) local.loose.set(sha256, path);
  };
  const unread = [...extras];
  for (const { file, verdict } of findings) {
    if (verdict.is !== "corrupt" || verdict.problem === "type" || verdict.problem === "decode") continue;
    if (verdict.sha256 === undefined) unread.push(file.path);
    else keep(verdict.sha256, file.path);
  }
  await inParallel(unread, WIDTH, async (path) => {
    signal.throwIfAborted();
    keep(await digestIfWanted(join(store.root, path), sizes, signal), path);
  });
  for (const { sha256, path } of storedTwins(db, [...wanted.keys()]))
    local.twins.set(sha256, [...(local.twins.get(sha256) ?? []), path]);
  return local;
}

/** What cannot be read is no help, and no failure either. */
async function digestIfWanted(
  place: string,
  sizes: Set<number | null>,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const entry = await lstatEntry(place);
    if (entry?.type !== "file" || !(sizes.has(null) || sizes.has(entry.bytes))) return undefined;
    return (await digestFile(place, signal)).sha256;
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    return undefined;
  }
}
