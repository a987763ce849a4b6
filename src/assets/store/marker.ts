import { readdir } from "node:fs/promises";
import { DiskError } from "../../lib/errors.ts";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { readMarker } from "../../lib/files/folder-marker.ts";
import { isSystemName } from "../../lib/files/system-files.ts";

/** The file in an assets folder that has the id of the archive to which the folder belongs. */
export const ASSETS_MARKER = ".producer-mirror";

export type Ownership = "ours" | "absent" | "empty" | "unmarked" | { foreignId: string };

/** Whose folder `root` is, by the id in its marker. Makes nothing. */
export async function readOwnership(root: string, archiveId: string): Promise<Ownership> {
  const id = await readMarker(root, ASSETS_MARKER);
  if (id === archiveId) return "ours";
  if (id !== null && id !== "") return { foreignId: id };
  const names = await readdir(root).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw toDiskError(error, root);
  });
  if (names === null) return "absent";
  return names.every((name) => name.startsWith(ASSETS_MARKER) || isSystemName(name)) ? "empty" : "unmarked";
}

/** The archive's id that `root` is marked with; null when it has none. */
export async function markerOf(root: string): Promise<string | null> {
  const id = await readMarker(root, ASSETS_MARKER);
  return id !== null && /^[0-9a-f-]{36}$/.test(id) ? id : null;
}

/** The error for a folder that may not be used as it is. */
export function notOurs(root: string, ownership: Exclude<Ownership, "ours">): DiskError {
  const what =
    ownership === "absent"
      ? `the assets folder is gone: ${root}`
      : ownership === "empty"
        ? `the assets folder is empty, though files are expected in it: ${root}`
        : `the assets folder does not belong to this archive: ${root}`;
  const hint =
    typeof ownership === "object"
      ? `it is marked as archive ${ownership.foreignId.slice(0, 64).replace(/[^\w-]/g, "?")}; if it is yours all the same, give --adopt-assets once`
      : "mount the disk it lies on; if it is the right folder all the same, give --adopt-assets once";
  return new DiskError(what, { code: "assets_not_ours", hint });
}
