import { constants } from "node:fs";
import { copyFile, lstat, opendir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { digestFile } from "../../lib/files/read.ts";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { UsageError } from "../../lib/errors.ts";
import type { BroughtCopy, CopySource, WantedCopy } from "./copy-source.ts";

/**
 * A folder as a source, whatever its layout: a backup, a copy of the assets folder, songs under other names. Files are
 * known by size and then by digest; symlinks below it are not followed. Throws UsageError when it is no folder.
 */
export async function openFolderSource(location: string): Promise<CopySource> {
  const root = await realpath(location).catch(() => undefined);
  if (root === undefined || !(await stat(root)).isDirectory())
    throw new UsageError(`no such folder: ${location}`, {
      code: "no_source",
      hint: "--from takes a folder, restic:<repository> or rclone:<remote>:<path>",
    });
  const files = createFinder(root);
  return {
    location,
    async find(wanted, signal) {
      const found = new Set<string>();
      for await (const { sha256 } of search(files, wanted, signal)) found.add(sha256);
      return found;
    },
    bring: (wanted, folder, signal) => bring(files, wanted, folder, signal),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function* bring(
  files: Finder,
  wanted: WantedCopy[],
  folder: string,
  signal: AbortSignal,
): AsyncGenerator<BroughtCopy> {
  for await (const { sha256, place } of search(files, wanted, signal)) {
    const copy = join(folder, sha256);
    try {
      await copyFile(place, copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    } catch (error) {
      throw toDiskError(error, copy);
    }
    yield { sha256, place: copy };
  }
}

/** Each wanted file once, where it lies: first under the archive's own names, then among all files of its size. */
async function* search(files: Finder, wanted: WantedCopy[], signal: AbortSignal): AsyncGenerator<BroughtCopy> {
  const found = new Set<string>();
  for (const one of wanted) {
    if (found.has(one.sha256)) continue;
    const place = (await files.byName(one, signal)) ?? (await files.bySize(one, signal));
    if (place === null) continue;
    found.add(one.sha256);
    yield { sha256: one.sha256, place };
  }
}

type Finder = Record<"byName" | "bySize", (wanted: WantedCopy, signal: AbortSignal) => Promise<string | null>>;

/** Walks the folder once, when a name does not lead to a file, and reads no file twice. */
function createFinder(root: string): Finder {
  const digests = new Map<string, string | null>();
  let sizes: Map<number, string[]> | undefined;
  const holds = async (place: string, sha256: string, signal: AbortSignal) => {
    if (!digests.has(place)) digests.set(place, await digestOrNull(place, signal));
    return digests.get(place) === sha256;
  };
  const first = async (places: string[], sha256: string, signal: AbortSignal) => {
    for (const place of places) if (await holds(place, sha256, signal)) return place;
    return null;
  };
  return {
    byName: ({ path, sha256 }, signal) => first([join(root, path), join(root, "assets", path)], sha256, signal),
    async bySize({ bytes, sha256 }, signal) {
      sizes ??= await readSizes(root, signal);
      return first(bytes === null ? [...sizes.values()].flat() : (sizes.get(bytes) ?? []), sha256, signal);
    },
  };
}

async function readSizes(root: string, signal: AbortSignal): Promise<Map<number, string[]>> {
  const sizes = new Map<number, string[]>();
  for await (const place of walk(root, signal)) {
    const entry = await lstat(place).catch(() => null);
    if (!entry?.isFile()) continue;
    const places = sizes.get(entry.size);
    if (places) places.push(place);
    else sizes.set(entry.size, [place]);
  }
  return sizes;
}

/** Null for what is no regular file or cannot be read: another file may do. */
async function digestOrNull(place: string, signal: AbortSignal): Promise<string | null> {
  const entry = await lstat(place).catch(() => null);
  if (!entry?.isFile()) return null;
  return digestFile(place, signal).then(
    ({ sha256 }) => sha256,
    () => (signal.throwIfAborted(), null),
  );
}

async function* walk(folder: string, signal: AbortSignal): AsyncGenerator<string> {
  signal.throwIfAborted();
  const entries = await opendir(folder).catch(() => null);
  if (entries === null) return;
  for await (const entry of entries) {
    const place = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(place, signal);
    else if (entry.isFile()) yield place;
  }
}
