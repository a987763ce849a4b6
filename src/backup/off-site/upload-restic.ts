import { mkdtemp, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { IntegrityError } from "../../lib/errors.ts";
import { checkFiles, digestFolder, type CheckedFiles } from "./local-files.ts";
import type { OpenLocation } from "./location.ts";
import { plainPattern, resticBackup, resticCheck, resticFiles, resticRestore } from "./restic.ts";
import type { StagedBackup, UploadDeps, UploadFile, UploadResult } from "./upload-types.ts";

/** What unfinished downloads leave is not part of a backup. */
const EXCLUDED = ["*.part", "*.part.json", "*.bad*"];
/** Read back at a time: limits the arguments and the space on this disk. */
const BATCH = { files: 400, bytes: 1_000_000_000 };

/**
 * Makes one snapshot of the staged folder and the assets folder. Verified by the files that restic lists in it, by restic's
 * check of the repository, and by reading back every file that restic read from this disk or that no earlier backup read
 * back. Throws when restic fails, and IntegrityError when the database or the manifest did not arrive; other files that
 * did not arrive are returned.
 */
export async function uploadToRestic(
  location: OpenLocation,
  staged: StagedBackup,
  deps: UploadDeps,
): Promise<UploadResult> {
  const { folder, assetsRoot, archiveId, files } = staged;
  const snapshot = await resticBackup(
    location,
    { folders: [assetsRoot, folder], archiveId, exclude: EXCLUDED },
    (counts) => deps.onProgress({ doing: "uploading", ...counts }),
  );
  const listed = new Map((await resticFiles(location, snapshot.id)).map(({ path, bytes }) => [path, bytes]));
  const pathOf = (file: UploadFile) => join(assetsRoot, file.path);
  const isThere = (file: UploadFile) => listed.get(pathOf(file)) === file.bytes;
  const there = files.filter(isThere);
  const verifiedBefore = there.filter((file) => deps.isVerified(file.sha256) && !snapshot.read.has(pathOf(file)));
  const absent = files.filter((file) => !isThere(file)).map(({ path }) => ({ path, reason: "not in the snapshot" }));
  deps.onProgress({ doing: "checking the repository", files: 0, totalFiles: 0, bytes: 0, totalBytes: 0 });
  await resticCheck(location);
  const skipped = new Set(verifiedBefore);
  const unverified = there.filter((file) => !skipped.has(file));
  const { right, wrong } = await readBack(location, snapshot.id, staged, unverified, deps);
  return { name: snapshot.id, readBack: right, verifiedBefore, failed: [...absent, ...wrong] };
}

/** Reads back the staged folder, which must be the same to the byte, and `files`, in batches. */
async function readBack(
  location: OpenLocation,
  id: string,
  { folder, assetsRoot }: StagedBackup,
  files: UploadFile[],
  { signal, onProgress }: UploadDeps,
): Promise<CheckedFiles> {
  const found: CheckedFiles = { right: [], wrong: [] };
  for (const [index, batch] of batches(files).entries()) {
    const done = { files: found.right.length, bytes: sum(found.right) };
    onProgress({ doing: "reading back", ...done, totalFiles: files.length, totalBytes: sum(files) });
    const temporary = await mkdtemp(join(dirname(folder), "read-back-"));
    try {
      const assets = batch.map(({ path }) => plainPattern(`${basename(assetsRoot)}/${path}`));
      await resticRestore(location, id, temporary, index === 0 ? [plainPattern(folder), ...assets] : assets);
      if (index === 0) await requireSame(folder, join(temporary, folder), signal);
      const { right, wrong } = await checkFiles(join(temporary, assetsRoot), batch, signal);
      found.right.push(...right);
      found.wrong.push(...wrong);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }
  return found;
}

async function requireSame(folder: string, restored: string, signal: AbortSignal): Promise<void> {
  const [first] = (await checkFiles(restored, await digestFolder(folder), signal)).wrong;
  if (first === undefined) return;
  throw new IntegrityError(`the backup is not whole: ${first.path}: ${first.reason}`, {
    code: "backup_damaged",
    hint: "look at the repository with `restic check --read-data`, then back up again",
  });
}

/** At least one, which may be empty. */
function batches(files: UploadFile[]): UploadFile[][] {
  const all: UploadFile[][] = [[]];
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

function sum(files: UploadFile[]): number {
  return files.reduce((total, { bytes }) => total + bytes, 0);
}
