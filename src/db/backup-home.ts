import { lstatSync } from "node:fs";
import { join } from "node:path";
import { DiskError } from "../lib/errors.ts";

/** The two files that only a finished backup has beside its database. */
const OF_A_BACKUP = ["backup.json", "SHA256SUMS"];

/** Whether a home is one of the backups that this program makes: what writes to it makes it worthless as one. */
export function isBackup(home: string): boolean {
  return OF_A_BACKUP.every((name) => lstatSync(join(home, name), { throwIfNoEntry: false })?.isFile());
}

/** Throws DiskError for a backup. */
export function refuseBackup(home: string): void {
  if (!isBackup(home)) return;
  throw new DiskError(`${home} is a backup: it can be read, and nothing is written into it`, {
    code: "is_a_backup",
    hint: `\`producer-mirror restore ${home} --home <folder>\` makes an archive of it; a copy that is to be an archive goes without its ${OF_A_BACKUP.join(" and ")}`,
  });
}
