import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { eq } from "drizzle-orm";
import { forgetCopies, recordCopies } from "../../archive/copies.ts";
import type { AssetStore } from "../../assets/store/store.ts";
import type { Database } from "../../db/connection.ts";
import { copies } from "../../db/schema.ts";
import { formatTimestamp } from "../generations.ts";
import { recordBackup } from "../record-backup.ts";
import { refuseMissingFiles } from "../refuse-missing-files.ts";
import type { LackingFile } from "../types.ts";
import type { OpenLocation } from "./location.ts";
import { stageBackup, toLackingFiles } from "./stage.ts";
import { STAGING_PATH, type StagedBackup, type TransferProgress, type UploadResult } from "./upload-types.ts";
import { uploadToRclone } from "./upload-rclone.ts";
import { uploadToRestic } from "./upload-restic.ts";

export type OffSiteBackupDeps = {
  home: string;
  /** Opened for writing: the copies that are verified are recorded in it. */
  db: Database;
  store: AssetStore;
  location: OpenLocation;
  /** Of the program, for `backup.json`. */
  version: string;
  now: () => number;
  onProgress: (progress: TransferProgress) => void;
};

export type OffSiteBackup = {
  location: string;
  /** Of the snapshot at the location. */
  name: string;
  clips: number;
  /** What the location is proven to have of this archive. */
  files: number;
  bytes: number;
  /** Files that were read back this time; the others were read back by an earlier backup and are still there. */
  readBack: number;
  lacking: LackingFile[];
};

/**
 * One backup of the archive to a location of restic or rclone. Stages the records in the home, reads every file and
 * compares it with its row, uploads both, reads back what is new, and only then records it. Files that are damaged here
 * are left out and returned. Nothing at the location is ever removed. Throws LockedError (another backup), DiskError (the
 * assets folder is not this archive's, or a tenth of the files is gone), and the error of the program.
 */
export async function backupToLocation(deps: OffSiteBackupDeps): Promise<OffSiteBackup> {
  const { db, store, location, now } = deps;
  await refuseMissingFiles(db, store);
  await store.prepare({ files: false });
  return recordBackup({ ...deps, signal: location.signal }, location.name, async () => {
    const backup = await makeBackup(deps, now());
    return { result: backup, isComplete: backup.lacking.length === 0 };
  });
}

async function makeBackup(deps: OffSiteBackupDeps, startedAt: number): Promise<OffSiteBackup> {
  const { home, db, location, now } = deps;
  const folder = join(home, STAGING_PATH);
  await rm(dirname(folder), { recursive: true, force: true });
  try {
    await mkdir(dirname(folder), { mode: 0o700 });
    const { staged, snapshot, lacking } = await stageBackup({ ...deps, signal: location.signal }, folder);
    const upload = await uploadStaged(deps, staged, formatTimestamp(startedAt));
    recordUpload(db, location.name, staged, upload, now());
    const files = [...upload.readBack, ...upload.verifiedBefore];
    return {
      location: location.name,
      name: upload.name,
      clips: snapshot.clips,
      files: files.length,
      bytes: files.reduce((sum, file) => sum + file.bytes, 0),
      readBack: upload.readBack.length,
      lacking: [...lacking, ...toLackingFiles(snapshot, upload.failed)],
    };
  } finally {
    await rm(dirname(folder), { recursive: true, force: true });
  }
}

async function uploadStaged(
  { db, location, onProgress }: OffSiteBackupDeps,
  staged: StagedBackup,
  name: string,
): Promise<UploadResult> {
  const rows = db.select({ sha256: copies.sha256 }).from(copies).where(eq(copies.location, location.name)).all();
  const verified = new Set(rows.map(({ sha256 }) => sha256));
  const deps = { isVerified: (sha256: string) => verified.has(sha256), onProgress, signal: location.signal };
  return location.kind === "restic"
    ? uploadToRestic(location, staged, deps)
    : uploadToRclone(location, staged, name, deps);
}

function recordUpload(
  db: Database,
  location: string,
  { files }: StagedBackup,
  { readBack, failed }: UploadResult,
  now: number,
): void {
  const digests = (some: { sha256: string }[]) => some.map(({ sha256 }) => sha256);
  const failedPaths = new Set(failed.map(({ path }) => path));
  recordCopies(db, location, digests(readBack), now);
  forgetCopies(db, location, digests(files.filter(({ path }) => failedPaths.has(path))));
}
