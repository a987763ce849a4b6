import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { beginBackup, finishBackup, forgetCopies, recordCopies } from "../../archive/copies.ts";
import type { AssetStore } from "../../assets/store/store.ts";
import type { Database } from "../../db/connection.ts";
import { acquireLock } from "../../db/lock.ts";
import { copies } from "../../db/schema.ts";
import { stampOf } from "../generations.ts";
import { refuseLoss } from "../refuse-missing-files.ts";
import type { Calls } from "./restic.ts";
import { STAGED, type Proof, type SendProgress, type Staged } from "./upload-types.ts";
import { lackingOf, stageBackup, type Lacking } from "./stage.ts";
import { sendToRclone } from "./upload-rclone.ts";
import { sendToRestic } from "./upload-restic.ts";

export type PlaceBackupDeps = {
  home: string;
  /** Opened for writing: what is proven is noted there. */
  db: Database;
  store: AssetStore;
  calls: Calls;
  /** Of the program, for `backup.json`. */
  version: string;
  now: () => number;
  onProgress: (progress: SendProgress) => void;
};

export type PlaceBackup = {
  location: string;
  /** Of the snapshot at the place. */
  name: string;
  clips: number;
  /** What the place is proven to hold of this archive. */
  files: number;
  bytes: number;
  /** Of those, what was read back this time; the others were read back once before and are there still. */
  readBack: number;
  lacking: Lacking[];
};

/**
 * One backup of the archive to a place that restic or rclone keeps. The records are staged in the home, every file is
 * read and held against its row, both are sent, and the place is asked to prove it; only then it is noted. Files that are
 * damaged here are left out of the list and named. Nothing at the place is ever taken away. Throws LockedError (another
 * backup), DiskError (the assets folder is not this archive's, or a tenth of the files is gone), and what the program's
 * end means.
 */
export async function backupToPlace(deps: PlaceBackupDeps): Promise<PlaceBackup> {
  const { home, db, store, calls, now } = deps;
  await refuseLoss(db, store);
  await store.prepare({ files: false });
  using _lock = acquireLock(home, "backup", 0, "backup-lock");
  const { location } = calls.place;
  const id = beginBackup(db, location, now());
  try {
    const backup = await makeBackup(deps, now());
    const counts = { clips: backup.clips, files: backup.files, bytes: backup.bytes };
    const outcome = backup.lacking.length === 0 ? "complete" : "incomplete";
    finishBackup(db, id, { ...counts, outcome, finishedAt: now(), errorMessage: null });
    return backup;
  } catch (error) {
    const outcome = calls.signal.aborted ? "interrupted" : "failed";
    const errorMessage = error instanceof Error ? error.message : String(error);
    finishBackup(db, id, { outcome, finishedAt: null, errorMessage, clips: 0, files: 0, bytes: 0 });
    throw error;
  }
}

async function makeBackup(deps: PlaceBackupDeps, startedAt: number): Promise<PlaceBackup> {
  const { home, db, calls, now } = deps;
  const folder = join(home, STAGED);
  const room = join(folder, "..");
  await rm(room, { recursive: true, force: true });
  try {
    await mkdir(room, { mode: 0o700 });
    const { staged, snapshot, lacking } = await stageBackup({ ...deps, signal: calls.signal }, folder);
    const proof = await send(deps, staged, stampOf(startedAt));
    note(db, calls.place.location, staged, proof, now());
    const kept = [...proof.readBack, ...proof.known];
    const bytes = kept.reduce((sum, file) => sum + file.bytes, 0);
    const { name, readBack } = proof;
    const result = { location: calls.place.location, name, clips: snapshot.clips, files: kept.length, bytes };
    return { ...result, readBack: readBack.length, lacking: [...lacking, ...lackingOf(snapshot, proof.notKept)] };
  } finally {
    await rm(room, { recursive: true, force: true });
  }
}

async function send({ db, calls, onProgress }: PlaceBackupDeps, staged: Staged, name: string): Promise<Proof> {
  const rows = db.select({ sha256: copies.sha256 }).from(copies).where(eq(copies.location, calls.place.location)).all();
  const known = new Set(rows.map(({ sha256 }) => sha256));
  const sending = { isKnown: (sha256: string) => known.has(sha256), onProgress, signal: calls.signal };
  return calls.place.program === "restic"
    ? sendToRestic(calls, staged, sending)
    : sendToRclone(calls, staged, name, sending);
}

function note(db: Database, location: string, { files }: Staged, proof: Proof, now: number): void {
  const bad = new Set(proof.notKept.map(({ path }) => path));
  recordCopies(
    db,
    location,
    proof.readBack.map(({ sha256 }) => sha256),
    now,
  );
  forgetCopies(
    db,
    location,
    files.filter(({ path }) => bad.has(path)).map(({ sha256 }) => sha256),
  );
}
