import { archiveId } from "../archive/info.ts";
import { notOurs, readOwnership } from "../assets/store/marker.ts";
import { archivePath } from "../db/archive-file.ts";
import { connect } from "../db/connection.ts";
import { isArchive } from "../db/identify.ts";
import { IntegrityError, UsageError } from "../lib/errors.ts";
import type { BackupCheck } from "../backup/check-backup.ts";
import type { RestorePlan } from "./replace-home.ts";
import type { Target } from "./target.ts";
import { digestFile } from "../lib/files/read.ts";

export type PlanOptions = { force: boolean; takeOver: boolean };

/**
 * What of a checked backup makes the new home. Throws UsageError where that may not go to the target (a different archive,
 * unless forced; an assets folder that is somebody else's), IntegrityError (its database cannot be used).
 */
export async function planRestore(
  check: BackupCheck,
  target: Target,
  { force, takeOver }: PlanOptions,
): Promise<RestorePlan> {
  const parts = await partsOf(check, takeOver);
  refuseOther(target, parts.archiveId, force);
  await refuseAssets(target, parts.archiveId);
  return parts;
}

/** Before anything else is said of it: a newer program may have other ideas of what belongs to a backup. */
export function refuseNewer({ folder, good, databaseUsable }: BackupCheck): void {
  if (good.has("archive.db") && databaseUsable) isArchive(archivePath(folder));
}

async function partsOf({ folder, good, databaseUsable }: BackupCheck, move: boolean): Promise<RestorePlan> {
  if (!databaseUsable) throw unusable(move ? "the backup" : folder);
  const parts: RestorePlan = { from: folder, archiveId: "", records: new Map(), assets: new Map(), move };
  const database = connect(archivePath(folder), { readOnly: true });
  parts.archiveId = archiveId(database);
  database.$client.close();
  // Usable and yet not as it was written: taken all the same, by force.
  parts.records.set("archive.db", (await digestFile(archivePath(folder))).sha256);
  for (const [path, sha256] of good) {
    if (/^(journal|queries)\//.test(path)) parts.records.set(path, sha256);
    if (/^assets\/[^.]/.test(path)) parts.assets.set(path, sha256);
  }
  return parts;
}

function unusable(backup: string): IntegrityError {
  return new IntegrityError(`the database of ${backup} cannot be used`, {
    code: "backup_damaged",
    hint: "choose another generation; or copy its journal/ and assets/ into an empty folder and run `producer-mirror rebuild` there",
  });
}

function refuseOther({ archive, home }: Target, id: string, force: boolean): void {
  if (archive === null || archive === "damaged" || force) return;
  if (archive !== "foreign" && archive.id === id) return;
  throw new UsageError(
    `${home} holds ${archive === "foreign" ? "another program's database" : "a different archive"}`,
    {
      code: "other_archive",
      hint: "name another folder with --home; --force puts it aside and restores here all the same",
    },
  );
}

/** A folder outside of the home is never replaced, so it has to be this archive's, or new. */
async function refuseAssets({ assets, assetsInHome }: Target, id: string): Promise<void> {
  if (assetsInHome !== null) return;
  const found = await readOwnership(assets, id);
  if (found === "ours" || found === "absent" || found === "empty") return;
  const { message, code } = notOurs(assets, found);
  throw new UsageError(message, { code, hint: "name another folder with --assets" });
}
