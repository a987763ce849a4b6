import { open, readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { makeFolders } from "../../lib/files/make-folders.ts";
import { DiskError } from "../../lib/errors.ts";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { flushFolder } from "../../lib/files/flush.ts";

const MARKER = ".producer-mirror";
/** Made by mkfs on every fresh disk. */
const IGNORED = new Set(["lost+found"]);

export type Ownership = "ours" | "absent" | "empty" | "unmarked" | { foreignId: string };

/** Whose folder `root` is, by the id in its marker. Makes nothing. */
export async function readOwnership(root: string, archiveId: string): Promise<Ownership> {
  const id = await readMarker(root);
  if (id === archiveId) return "ours";
  if (id !== null && id !== "") return { foreignId: id };
  const names = await readdir(root).catch((error: unknown) => absentIsNull(error, root));
  if (names === null) return "absent";
  return names.every((name) => name.startsWith(MARKER) || IGNORED.has(name)) ? "empty" : "unmarked";
}

/** The archive's id that `root` is marked with; null when it has none. */
export async function markerOf(root: string): Promise<string | null> {
  const id = await readMarker(root);
  return id !== null && /^[0-9a-f-]{36}$/.test(id) ? id : null;
}

/** Puts the archive's id into `root`, made if need be: durable, whole or not there. */
export async function writeMarker(root: string, archiveId: string): Promise<void> {
  makeFolders(root);
  const temporary = join(root, `${MARKER}.new`);
  const file = await open(temporary, "w", 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(`${archiveId}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, join(root, MARKER));
  await flushFolder(root);
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

async function readMarker(root: string): Promise<string | null> {
  const text = await readFile(join(root, MARKER), "utf8").catch((error: unknown) => absentIsNull(error, root));
  return text === null ? null : text.trim();
}

function absentIsNull(error: unknown, root: string): null {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
  throw toDiskError(error, root);
}
