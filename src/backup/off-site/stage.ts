import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { ASSETS_MARKER } from "../../assets/store/marker.ts";
import type { AssetStore } from "../../assets/store/store.ts";
import type { Database } from "../../db/connection.ts";
import { digestFile } from "../../lib/files/read.ts";
import { removedMeanwhile } from "../../remove/trash.ts";
import { writeManifest } from "../snapshot/manifest.ts";
import { writeSnapshot, type Snapshot } from "../snapshot/snapshot.ts";
import type { LackingFile } from "../types.ts";
import { checkFiles, type CheckedFiles } from "./local-files.ts";
import type { FailedFile, StagedBackup, TransferProgress } from "./upload-types.ts";

export type StageDeps = {
  home: string;
  /** The archive as it is now: says whether a file that is gone was removed since the snapshot. */
  db: Database;
  store: AssetStore;
  /** Of the program, for `backup.json`. */
  version: string;
  now: () => number;
  signal: AbortSignal;
  onProgress: (progress: TransferProgress) => void;
};

/**
 * Fills `folder` with what is uploaded beside the assets: the records, and a list of every file that is right here, after
 * reading each byte of it. Other files are left out of the list, and returned unless the user removed them since the
 * snapshot. Throws as writeSnapshot does.
 */
export async function stageBackup(
  deps: StageDeps,
  folder: string,
): Promise<{ staged: StagedBackup; snapshot: Snapshot; lacking: LackingFile[] }> {
  const { home, db, store, version, now, signal } = deps;
  const startedAt = now();
  const snapshot = await writeSnapshot({ home, now, signal }, folder);
  const { right: files, wrong } = await readFiles(deps, snapshot);
  const assetsRoot = await realpath(store.root);
  const assets = new Map(files.map(({ path, sha256 }) => [path, sha256]));
  assets.set(ASSETS_MARKER, (await digestFile(join(assetsRoot, ASSETS_MARKER), signal)).sha256);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const missing = wrong.map(({ path }) => path).toSorted();
  await writeManifest(snapshot, { version, startedAt, finishedAt: now(), assets, bytes, missing });
  const rows = new Map(snapshot.files.map((file) => [file.path, file]));
  const damaged = wrong.filter(({ path }) => removedMeanwhile(home, db, rows.get(path)?.id ?? 0) === null);
  return {
    staged: { folder, archiveId: snapshot.archiveId, assetsRoot, files },
    snapshot,
    lacking: toLackingFiles(snapshot, damaged, "here: "),
  };
}

/** Reads every byte: a damaged file must not be uploaded as if it were whole. */
async function readFiles({ store, signal, onProgress }: StageDeps, snapshot: Snapshot): Promise<CheckedFiles> {
  const files = snapshot.files.map(({ path, bytes, sha256 }) => ({ path, bytes: bytes ?? 0, sha256: sha256 ?? "" }));
  const totals = { totalFiles: files.length, totalBytes: files.reduce((sum, file) => sum + file.bytes, 0) };
  const done = { files: 0, bytes: 0 };
  return checkFiles(store.root, files, signal, (file) => {
    Object.assign(done, { files: done.files + 1, bytes: done.bytes + file.bytes });
    onProgress({ doing: "reading", ...done, ...totals });
  });
}

/** Adds the song of each file; `prefix` goes before each reason. */
export function toLackingFiles({ files }: Snapshot, problems: FailedFile[], prefix = ""): LackingFile[] {
  const rows = new Map(files.map((file) => [file.path, file]));
  return problems.flatMap(({ path, reason }) => {
    const row = rows.get(path);
    if (row === undefined) return [];
    const { kind, clipId, taskId, title } = row;
    return [{ path, kind, clipId, taskId, title, reason: `${prefix}${reason}` }];
  });
}
