import { readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { toDiskError } from "../lib/files/disk-errors.ts";
import { folderOf, stem } from "../assets/store/names.ts";
import { flushFolder } from "../lib/files/flush.ts";
import type { RemoveDeps } from "./remove.ts";
import { trashDayFolders, trashRoot } from "./trash.ts";

/**
 * Deletes every file under the names of these clips, in the trash and in the assets folder: also other versions,
 * quarantined files and partial downloads, which no row names. Returns how many. Throws DiskError.
 */
export async function purgeFiles(
  { db, home, store }: Pick<RemoveDeps, "db" | "home" | "store">,
  clipIds: string[],
): Promise<number> {
  const roots = [store.root, ...(await trashDayFolders(home)).map((day) => join(trashRoot(home), day))];
  let files = 0;
  for (const id of clipIds)
    for (const root of roots)
      for (const name of await namesOf(join(root, folderOf(id)), `${stem(id)}.`)) {
        if (root === store.root && isNamed(`${folderOf(id)}/${name}`)) continue;
        await remove(join(root, folderOf(id)), name);
        files++;
      }
  return files;

  /** True when a clip that stays names the file. */
  function isNamed(path: string): boolean {
    const other = sql`select exists(select 1 from assets where path = ${path} and removed_at is null) as other`;
    return db.get<{ other: number }>(other).other === 1;
  }
}

async function namesOf(folder: string, start: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.name.startsWith(start) && !entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw toDiskError(error, folder);
  }
}

async function remove(folder: string, name: string): Promise<void> {
  try {
    await unlink(join(folder, name));
    await flushFolder(folder);
  } catch (error) {
    throw toDiskError(error, join(folder, name));
  }
}
