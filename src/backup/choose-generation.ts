import { UsageError } from "../lib/errors.ts";
import { checkBackup, type BackupCheck, type CheckDeps } from "./check-backup.ts";
import { listGenerations } from "./generations.ts";
import { realPath } from "../lib/files/paths.ts";
import { readInfo } from "./snapshot/manifest.ts";

/**
 * The folder of one backup: `folder` itself when it is one, else the one of that name in it, or the newest. Throws
 * UsageError when there is none.
 */
export async function chooseGeneration(folder: string, name?: string): Promise<string> {
  const path = await realPath(folder);
  if (name === undefined && (await readInfo(path)) !== null) return path;
  const generations = await listGenerations(path);
  const chosen = name === undefined ? generations[0] : generations.find((one) => one.name === name);
  if (chosen) return chosen.folder;
  const names = generations.slice(0, 5).map((one) => one.name);
  throw new UsageError(`${name === undefined ? "no backup" : `no backup ${JSON.stringify(name)}`} in ${path}`, {
    code: "no_backup",
    hint:
      names.length > 0
        ? `choose one of ${names.join(", ")}`
        : "name the folder that you gave to `producer-mirror backup`",
  });
}

/** Checks the newest backup in a folder. Throws as `chooseGeneration` and `checkBackup` do. */
export async function checkNewest(folder: string, deps: CheckDeps): Promise<BackupCheck> {
  return checkBackup(await chooseGeneration(folder), deps);
}
