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
 * quarantined files and partial downloads, which no row names. A file that another clip names stays, there or in the
 * trash. Returns how many. Throws DiskError.
 */
export async function purgeFiles(
  { db, home, store }: Pick<RemoveDeps, "db" | "home" | "store">,
  clipIds: string[],
): Promise<number> {
  const days = await trashDayFolders(home);
  const roots = [
    { root: store.root, column: sql`path`, under: "" },
    ...days.map((day) => ({ root: join(trashRoot(home), day), column: sql`trash_path`, under: `${day}/` })),
  ];
  const others = sql`(clip_id is null or clip_id not in (select value from json_each(${JSON.stringify(clipIds)})))`;
  let files = 0;
  for (const id of clipIds)
    for (const { root, column, under } of roots)
      for (const name of await namesOf(join(root, folderOf(id)), `${stem(id)}.`)) {
        const path = `${under}${folderOf(id)}/${name}`;
        const named = sql`select exists(select 1 from assets where ${column} = ${path} and ${others}) as it`;
        if (db.get<{ it: number }>(named).it === 1) continue;
        await remove(join(root, folderOf(id)), name);
        files++;
      }
  return files;
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
