import { mkdtemp, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { IntegrityError } from "../../lib/errors.ts";
import { filesBelow, holdAgainst } from "./local-files.ts";
import { plainPattern, resticBackup, resticCheck, resticFiles, resticRestore, type Calls } from "./restic.ts";
import type { NotKept, Proof, SendDeps, Staged, StoredFile } from "./upload-types.ts";

/** What unfinished downloads leave is no part of a backup. */
const EXCLUDED = ["*.part", "*.part.json", "*.bad*"];
/** Read back at a time: bounded in arguments and in room on this disk. */
const BATCH = { files: 400, bytes: 1_000_000_000 };

/**
 * One snapshot of the staged folder and the assets folder. Proven by what restic lists of it, by its own check of the repository,
 * and by reading back all that it read from this disk or that no earlier backup read back. Throws when restic
 * fails and IntegrityError when the database or the manifest did not arrive; files that did not are answered.
 */
export async function sendToRestic(calls: Calls, staged: Staged, deps: SendDeps): Promise<Proof> {
  const { folder, assetsRoot, archiveId, files } = staged;
  const snapshot = await resticBackup(
    calls,
    { folders: [assetsRoot, folder], archiveId, exclude: EXCLUDED },
    (progress) => deps.onProgress({ doing: "sending", ...progress }),
  );
  const listed = new Map((await resticFiles(calls, snapshot.id)).map(({ path, bytes }) => [path, bytes]));
  const place = (file: StoredFile) => join(assetsRoot, file.path);
  const isThere = (file: StoredFile) => listed.get(place(file)) === file.bytes;
  const there = files.filter(isThere);
  const known = there.filter((file) => deps.isKnown(file.sha256) && !snapshot.read.has(place(file)));
  const absent = files.filter((file) => !isThere(file)).map(({ path }) => ({ path, reason: "not in the snapshot" }));
  deps.onProgress({ doing: "checking the repository", files: 0, totalFiles: 0, bytes: 0, totalBytes: 0 });
  await resticCheck(calls);
  const { right, wrong } = await readBack(calls, snapshot.id, staged, without(there, known), deps);
  return { name: snapshot.id, readBack: right, known, notKept: [...absent, ...wrong] };
}

function without(files: StoredFile[], taken: StoredFile[]): StoredFile[] {
  const gone = new Set(taken);
  return files.filter((file) => !gone.has(file));
}

/** The staged folder, which must be there to the byte, and `files`, in batches. */
async function readBack(calls: Calls, id: string, staged: Staged, files: StoredFile[], deps: SendDeps) {
  const { folder, assetsRoot } = staged;
  const found: { right: StoredFile[]; wrong: NotKept[] } = { right: [], wrong: [] };
  for (const [index, batch] of batches(files).entries()) {
    const done = { files: found.right.length, bytes: sum(found.right) };
    deps.onProgress({ doing: "reading back", ...done, totalFiles: files.length, totalBytes: sum(files) });
    const room = await mkdtemp(join(dirname(folder), "read-back-"));
    try {
      const assets = batch.map(({ path }) => plainPattern(`${basename(assetsRoot)}/${path}`));
      await resticRestore(calls, id, room, index === 0 ? [plainPattern(folder), ...assets] : assets);
      if (index === 0) await mustBeWhole(join(room, folder), folder, deps.signal);
      const { right, wrong } = await holdAgainst(join(room, assetsRoot), batch, deps.signal);
      found.right.push(...right);
      found.wrong.push(...wrong);
    } finally {
      await rm(room, { recursive: true, force: true });
    }
  }
  return found;
}

async function mustBeWhole(back: string, folder: string, signal: AbortSignal): Promise<void> {
  const [first] = (await holdAgainst(back, await filesBelow(folder), signal)).wrong;
  if (first === undefined) return;
  throw new IntegrityError(`the backup is not whole: ${first.path}: ${first.reason}`, {
    code: "backup_damaged",
    hint: "look at the repository with `restic check --read-data`, then back up again",
  });
}

/** At least one, which may be empty. */
function batches(files: StoredFile[]): StoredFile[][] {
  const all: StoredFile[][] = [[]];
  let bytes = 0;
  for (const file of files) {
    const last = all.at(-1) ?? [];
    const isFull = last.length === BATCH.files || (last.length > 0 && bytes + file.bytes > BATCH.bytes);
    bytes = (isFull ? 0 : bytes) + file.bytes;
    if (isFull) all.push([file]);
    else last.push(file);
  }
  return all;
}

function sum(files: StoredFile[]): number {
  return files.reduce((total, { bytes }) => total + bytes, 0);
}
