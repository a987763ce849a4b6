import { constants } from "node:fs";
import { copyFile, lstat, opendir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { digestFile } from "../../lib/files/read.ts";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { UsageError } from "../../lib/errors.ts";
import type { FetchedCopy, CopySource, WantedCopy } from "./copy-source.ts";

/**
 * A folder as a source of copies, with any layout: a backup, a copy of the assets folder, songs under other names. Files
 * are matched by size, then by digest. Symlinks in it are not followed. Throws UsageError when it is not a folder.
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
      for await (const { sha256 } of findCopies(files, wanted, signal)) found.add(sha256);
      return found;
    },
    fetch: (wanted, folder, signal) => fetchCopies(files, wanted, folder, signal),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function* fetchCopies(
  files: Finder,
  wanted: WantedCopy[],
  folder: string,
  signal: AbortSignal,
): AsyncGenerator<FetchedCopy> {
  for await (const { sha256, path } of findCopies(files, wanted, signal)) {
    const copy = join(folder, sha256);
    try {
      await copyFile(path, copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    } catch (error) {
      throw toDiskError(error, copy);
    }
    yield { sha256, path: copy };
  }
}

/** Yields each wanted file once: found under the archive's own names, else among all files of its size. */
async function* findCopies(files: Finder, wanted: WantedCopy[], signal: AbortSignal): AsyncGenerator<FetchedCopy> {
  const found = new Set<string>();
  for (const one of wanted) {
    if (found.has(one.sha256)) continue;
    const path = (await files.byName(one, signal)) ?? (await files.bySize(one, signal));
    if (path === null) continue;
    found.add(one.sha256);
    yield { sha256: one.sha256, path };
  }
}

type Finder = Record<"byName" | "bySize", (wanted: WantedCopy, signal: AbortSignal) => Promise<string | null>>;

/** Walks the folder at most once, and only when a name does not lead to a file. Reads no file twice. */
function createFinder(root: string): Finder {
  const digests = new Map<string, string | null>();
  let sizes: Map<number, string[]> | undefined;
  const hasDigest = async (path: string, sha256: string, signal: AbortSignal) => {
    if (!digests.has(path)) digests.set(path, await digestOrNull(path, signal));
    return digests.get(path) === sha256;
  };
  const first = async (paths: string[], sha256: string, signal: AbortSignal) => {
    for (const path of paths) if (await hasDigest(path, sha256, signal)) return path;
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
  for await (const path of walk(root, signal)) {
    const entry = await lstat(path).catch(() => null);
    if (!entry?.isFile()) continue;
    const paths = sizes.get(entry.size);
    if (paths) paths.push(path);
    else sizes.set(entry.size, [path]);
  }
  return sizes;
}

/** Null when it is not a regular file or cannot be read: another file may have the same bytes. */
async function digestOrNull(path: string, signal: AbortSignal): Promise<string | null> {
  const entry = await lstat(path).catch(() => null);
  if (!entry?.isFile()) return null;
  return digestFile(path, signal).then(
    ({ sha256 }) => sha256,
    () => (signal.throwIfAborted(), null),
  );
}

async function* walk(folder: string, signal: AbortSignal): AsyncGenerator<string> {
  signal.throwIfAborted();
  const entries = await opendir(folder).catch(() => null);
  if (entries === null) return;
  for await (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path, signal);
    else if (entry.isFile()) yield path;
  }
}
