import { archiveId } from "../archive/info.ts";
import { notOurs, readOwnership } from "../assets/store/marker.ts";
import type { BackupCheck } from "../backup/check-backup.ts";
import type { Sums } from "../backup/snapshot/sha256sums.ts";
import { archivePath } from "../db/archive-file.ts";
import { connect } from "../db/connection.ts";
import { isArchive } from "../db/identify.ts";
import { IntegrityError, UsageError } from "../lib/errors.ts";
import { digestFile } from "../lib/files/read.ts";
import type { RestoreTarget } from "./target.ts";

/** What goes into the new home. */
export type RestorePlan = {
  /** The folder of the backup. */
  from: string;
  /** Of the archive that is restored. */
  archiveId: string;
  /** The database, the journal, the saved queries and the texts of unreadable records; paths are relative to `from`. */
  records: Sums;
  /** Without the marker; paths are relative to `<from>/assets`. */
  assets: Sums;
  /** The backup is a copy made for this restore: its files may be moved away. */
  mayMove: boolean;
};

/**
 * What of a checked backup goes into the new home. Throws UsageError where it may not go to the target (a different
 * archive, unless forced; an assets folder of somebody else), IntegrityError (its database cannot be used).
 */
export async function planRestore(
  check: BackupCheck,
  target: RestoreTarget,
  { force, mayMove }: { force: boolean; mayMove: boolean },
): Promise<RestorePlan> {
  const plan = await planFiles(check, mayMove);
  refuseOtherArchive(target, plan.archiveId, force);
  await refuseOtherAssets(target, plan.archiveId);
  return plan;
}

/** Throws SchemaError for the backup of a newer program, which may have a different idea of what belongs to a backup. */
export function refuseNewer({ folder, good, databaseUsable }: BackupCheck): void {
  if (good.has("archive.db") && databaseUsable) isArchive(archivePath(folder));
}

async function planFiles({ folder, good, databaseUsable }: BackupCheck, mayMove: boolean): Promise<RestorePlan> {
  if (!databaseUsable) throw unusableDatabase(mayMove ? "the backup" : folder);
  const plan: RestorePlan = { from: folder, archiveId: "", records: new Map(), assets: new Map(), mayMove };
  const database = connect(archivePath(folder), { readOnly: true });
  plan.archiveId = archiveId(database);
  database.$client.close();
  // With --force a usable database is restored even when it is not as it was written.
  plan.records.set("archive.db", (await digestFile(archivePath(folder))).sha256);
  for (const [path, sha256] of good) {
    if (/^(journal|queries|unreadable)\//.test(path)) plan.records.set(path, sha256);
    if (/^assets\/[^.]/.test(path)) plan.assets.set(path.slice("assets/".length), sha256);
  }
  return plan;
}

function unusableDatabase(backup: string): IntegrityError {
  return new IntegrityError(`the database of ${backup} cannot be used`, {
    code: "backup_damaged",
    hint: "choose another generation; or copy its journal/ and assets/ into an empty folder and run `producer-mirror rebuild` there",
  });
}

function refuseOtherArchive({ archive, home }: RestoreTarget, id: string, force: boolean): void {
  if (archive === null || archive === "damaged" || force) return;
  if (archive !== "foreign" && archive.id === id) return;
  const what = archive === "foreign" ? "another program's database" : "a different archive";
  throw new UsageError(`${home} holds ${what}`, {
    code: "other_archive",
    hint: "name another folder with --home; --force renames this one and restores here",
  });
}

/** An assets folder outside of the home is never replaced, so it has to be this archive's, or new. */
async function refuseOtherAssets({ assets, assetsInHome }: RestoreTarget, id: string): Promise<void> {
  if (assetsInHome !== null) return;
  const found = await readOwnership(assets, id);
  if (found === "ours" || found === "absent" || found === "empty") return;
  const { message, code } = notOurs(assets, found);
  throw new UsageError(message, { code, hint: "name another folder with --assets" });
}
