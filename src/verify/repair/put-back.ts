import { constants } from "node:fs";
import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { digestFile } from "../../lib/files/read.ts";
import type { AssetStore } from "../../assets/store/store.ts";
import type { ArchiveFile } from "../../query/lists/archive-files.ts";
import type { LocalCopies } from "./search-folder.ts";

type PutBackDeps = { store: AssetStore; local: LocalCopies; signal: AbortSignal };

/**
 * Restores a lost file from bytes elsewhere below the assets folder. Returns the path that they came from, null when
 * there are none. A file that no row names is renamed, so that a killed repair never loses the bytes. A file that another
 * row names is copied. Throws DiskError.
 */
export async function putBackFromFolder(deps: PutBackDeps, file: ArchiveFile): Promise<string | null> {
  const { store, local, signal } = deps;
  const sha256 = file.sha256 ?? "";
  const movable = local.movable.get(sha256);
  if (movable !== undefined && (await hasDigest(join(store.root, movable), sha256, signal))) {
    await putBack(deps, join(store.root, movable), file);
    local.movable.delete(sha256);
    local.copyable.set(sha256, [...(local.copyable.get(sha256) ?? []), file.path]);
    return movable;
  }
  for (const path of local.copyable.get(sha256) ?? []) {
    if (path !== file.path && (await putBackCopy(deps, path, file))) return path;
  }
  return null;
}

/** Moves a checked file, by its absolute path, to the path of a row. A file that is already there is quarantined. */
export async function putBack({ store, local }: PutBackDeps, from: string, file: ArchiveFile): Promise<void> {
  if ((await store.stat(file.path)) !== null) {
    const quarantined = await store.quarantine(file.path);
    for (const [sha256, path] of local.movable) if (path === file.path) local.movable.set(sha256, quarantined);
  }
  await store.moveIn(from, file.path);
}

async function putBackCopy(deps: PutBackDeps, path: string, file: ArchiveFile): Promise<boolean> {
  const { store, signal } = deps;
  const staging = await store.makeStaging();
  try {
    const copy = join(staging, "copy");
    if ((await store.stat(path))?.type !== "file") return false;
    await copyFile(store.locate(path), copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE).catch(
      (error: unknown) => {
        throw toDiskError(error, copy);
      },
    );
    if (!(await hasDigest(copy, file.sha256, signal))) return false;
    await putBack(deps, copy, file);
    return true;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Reads the file again, since it may have changed after it was found. False when it cannot be read. */
export async function hasDigest(path: string, sha256: string | null, signal: AbortSignal): Promise<boolean> {
  try {
    return (await digestFile(path, signal)).sha256 === sha256;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
