import { join } from "node:path";
import { digestFile } from "../../lib/files/read.ts";
import { lstatEntry } from "../../lib/files/entry.ts";
import type { AssetStore } from "../../assets/store/store.ts";
import type { Database } from "../../db/connection.ts";
import { DiskError } from "../../lib/errors.ts";
import { inParallel } from "../../lib/concurrency.ts";
import { findStoredByDigest } from "../../query/lists/archive-files.ts";
import type { FileFinding } from "../walk-files.ts";

/** Files below the assets folder with wanted bytes, by digest. Paths are relative to it. */
export type LocalCopies = {
  /** No row names these, or they have the name of another file: they may be moved. */
  movable: Map<string, string>;
  /** Another row names these: they may only be copied. */
  copyable: Map<string, string[]>;
};

const CONCURRENCY = 4;

/**
 * Searches for wanted bytes under any name: in files that no row names, in files under a wrong name, and in the files of
 * other rows. Reads only files of a wanted size. Throws the signal's reason.
 */
export async function findLocalCopies(
  { db, store, signal }: { db: Database; store: AssetStore; signal: AbortSignal },
  findings: FileFinding[],
  extras: string[],
): Promise<LocalCopies> {
  const wanted = new Map(findings.flatMap(({ file }) => (file.sha256 ? [[file.sha256, file.bytes] as const] : [])));
  const sizes = new Set(wanted.values());
  const local: LocalCopies = { movable: new Map(), copyable: new Map() };
  const addIfWanted = (sha256: string | undefined, path: string) => {
    if (sha256 !== undefined && wanted.has(sha256)) local.movable.set(sha256, path);
  };
  const toRead = [...extras];
  for (const { file, check } of findings) {
    if (check.is !== "corrupt" || check.problem === "type" || check.problem === "decode") continue;
    if (check.sha256 === undefined) toRead.push(file.path);
    else addIfWanted(check.sha256, file.path);
  }
  await inParallel(toRead, CONCURRENCY, async (path) => {
    signal.throwIfAborted();
    addIfWanted(await digestIfWanted(join(store.root, path), sizes, signal), path);
  });
  for (const { sha256, path } of findStoredByDigest(db, [...wanted.keys()]))
    local.copyable.set(sha256, [...(local.copyable.get(sha256) ?? []), path]);
  return local;
}

/** Undefined for a file that cannot be read: that is not an error here. */
async function digestIfWanted(
  path: string,
  sizes: Set<number | null>,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const entry = await lstatEntry(path);
    if (entry?.type !== "file" || !(sizes.has(null) || sizes.has(entry.bytes))) return undefined;
    return (await digestFile(path, signal)).sha256;
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    return undefined;
  }
}
