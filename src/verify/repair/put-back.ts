import { constants } from "node:fs";
import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { digestFile } from "../../lib/files/read.ts";
import type { AssetStore } from "../../assets/store/store.ts";
import type { KeptFile } from "../../query/lists/archive-files.ts";
import type { Local } from "./search-folder.ts";

type Placing = { store: AssetStore; local: Local; signal: AbortSignal };

/**
 * Gives a lost file back from bytes that lie elsewhere below the assets folder; answers the path that they came from,
 * null when there are none. What no row names is renamed: at every moment the bytes lie somewhere, and a repair that was
 * killed finds them again. What another row names is copied. Throws DiskError.
 */
export async function placeLocal(placing: Placing, file: KeptFile): Promise<string | null> {
  const { store, local, signal } = placing;
  const sha256 = file.sha256 ?? "";
  const loose = local.loose.get(sha256);
  if (loose !== undefined && (await isStill(join(store.root, loose), sha256, signal))) {
    await place(placing, join(store.root, loose), file);
    local.loose.delete(sha256);
    local.twins.set(sha256, [...(local.twins.get(sha256) ?? []), file.path]);
    return loose;
  }
  for (const twin of local.twins.get(sha256) ?? []) {
    if (twin !== file.path && (await copyTwin(placing, twin, file))) return twin;
  }
  return null;
}

/** Gives a checked file, by its absolute path, the name of a row. What lies there is put aside, never removed. */
export async function place({ store, local }: Placing, from: string, file: KeptFile): Promise<void> {
  if ((await store.stat(file.path)) !== null) {
    const aside = await store.quarantine(file.path);
    for (const [sha256, path] of local.loose) if (path === file.path) local.loose.set(sha256, aside);
  }
  await store.moveIn(from, file.path);
}

async function copyTwin(placing: Placing, twin: string, file: KeptFile): Promise<boolean> {
  const { store, signal } = placing;
  const staging = await store.makeStaging();
  try {
    const copy = join(staging, "copy");
    if ((await store.stat(twin))?.type !== "file") return false;
    await copyFile(store.locate(twin), copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE).catch(
      (error: unknown) => {
        throw toDiskError(error, copy);
      },
    );
    if (!(await isStill(copy, file.sha256, signal))) return false;
    await place(placing, copy, file);
    return true;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** A file that was read some minutes ago may be another by now. */
export async function isStill(place: string, sha256: string | null, signal: AbortSignal): Promise<boolean> {
  try {
    return (await digestFile(place, signal)).sha256 === sha256;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
