import { join } from "node:path";
import { execa } from "execa";
import { inParallel } from "../../../lib/concurrency.ts";
import { flushFile, flushFolder } from "../../../lib/files/flush.ts";

/** From so many on it is quicker to let the system flush the whole disk at once. */
const MANY = 32;
const WIDTH = 4;

/** Returns when these files are on the disk that holds `root`. Throws DiskError. */
export async function flushFiles(root: string, paths: string[]): Promise<void> {
  if (paths.length >= MANY && (await flushDisk(root))) return;
  await inParallel(paths, WIDTH, flushFile);
}

/** The same for the entries of folders, by their paths from `root`. */
export async function flushFolders(root: string, folders: Set<string>): Promise<void> {
  if (folders.size >= MANY && (await flushDisk(root))) return;
  for (const folder of folders) await flushFolder(join(root, folder));
}

/** syncfs(2), by the `sync -f` of GNU coreutils; false where there is none. */
async function flushDisk(root: string): Promise<boolean> {
  if (process.platform !== "linux") return false;
  const { failed } = await execa("sync", ["-f", root], { reject: false, stdio: "ignore" });
  return !failed;
}
