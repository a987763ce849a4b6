import { realpath } from "node:fs/promises";
import { join } from "node:path";
import type { AssetStore } from "../../assets/store/store.ts";
import type { Database } from "../../db/connection.ts";
import type { ArchiveFile } from "../../query/lists/archive-files.ts";
import { takenOut } from "../taken-out.ts";
import { writeManifest } from "../snapshot/manifest.ts";
import { writeSnapshot, type Snapshot } from "../snapshot/snapshot.ts";
import { digestFile } from "../../lib/files/read.ts";
import { holdAgainst } from "./local-files.ts";
import { ASSETS_MARKER, type NotKept, type SendProgress, type Staged } from "./upload-types.ts";

export type StageDeps = {
  home: string;
  /** The living archive: asked whether a file that is gone was taken out meanwhile. */
  db: Database;
  store: AssetStore;
  /** Of the program, for `backup.json`. */
  version: string;
  now: () => number;
  signal: AbortSignal;
  onProgress: (progress: SendProgress) => void;
};

/** A file that is not in the backup, or not as it should be. */
export type Lacking = Pick<ArchiveFile, "path" | "kind" | "clipId" | "taskId" | "title"> & { reason: string };

/**
 * Makes `folder` what is sent beside the assets: the records, and a list of every file that is right here, each byte of
 * them read. Those that are not are left out of the list, and named unless their owner took them out meanwhile. Throws as
 * writeSnapshot does.
 */
export async function stageBackup(
  deps: StageDeps,
  folder: string,
): Promise<{ staged: Staged; snapshot: Snapshot; lacking: Lacking[] }> {
  const { home, store, version, now, signal } = deps;
  const startedAt = now();
  const snapshot = await writeSnapshot({ home, now, signal }, folder);
  const { files, wrong } = await readHere(deps, snapshot);
  const assetsRoot = await realpath(store.root);
  const assets = new Map(files.map(({ path, sha256 }) => [path, sha256]));
  assets.set(ASSETS_MARKER, (await digestFile(join(assetsRoot, ASSETS_MARKER), signal)).sha256);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const missing = wrong.map(({ path }) => path).toSorted();
  await writeManifest(snapshot, { version, startedAt, finishedAt: now(), assets, bytes, missing });
  return {
    staged: { folder, archiveId: snapshot.archiveId, assetsRoot, files },
    snapshot,
    lacking: lackingOf(snapshot, damageAmong(deps, snapshot, wrong), "here: "),
  };
}

/** What its owner has taken out since the records were written is no damage. */
function damageAmong({ home, db }: StageDeps, { files }: Snapshot, wrong: NotKept[]): NotKept[] {
  const ids = new Map(files.map(({ path, id }) => [path, id]));
  return wrong.filter(({ path }) => {
    const id = ids.get(path);
    return id === undefined || takenOut(home, db, { id }) === null;
  });
}

/** Every byte here: what is damaged must not be sent as if it were whole. */
async function readHere({ store, signal, onProgress }: StageDeps, snapshot: Snapshot) {
  const files = snapshot.files.map(({ path, bytes, sha256 }) => ({ path, bytes: bytes ?? 0, sha256: sha256 ?? "" }));
  const totals = { totalFiles: files.length, totalBytes: files.reduce((sum, file) => sum + file.bytes, 0) };
  const done = { files: 0, bytes: 0 };
  const { right, wrong } = await holdAgainst(store.root, files, signal, (file) => {
    Object.assign(done, { files: done.files + 1, bytes: done.bytes + file.bytes });
    onProgress({ doing: "reading", ...done, ...totals });
  });
  return { files: right, wrong };
}

/** What is wrong, with the song that it is wrong with. */
export function lackingOf({ files }: Snapshot, wrong: NotKept[], where = ""): Lacking[] {
  const rows = new Map(files.map((file) => [file.path, file]));
  return wrong.flatMap((one) => {
    const { path, kind, clipId, taskId, title } = rows.get(one.path) ?? {};
    if (path === undefined || kind === undefined || taskId === undefined) return [];
    return [{ path, kind, clipId: clipId ?? null, taskId, title: title ?? null, reason: `${where}${one.reason}` }];
  });
}
