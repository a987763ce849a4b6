import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ASSETS_MARKER } from "../../assets/store/marker.ts";
import { DiskError, IntegrityError } from "../../lib/errors.ts";
import { INFO_FILE } from "../snapshot/manifest.ts";
import { checkFiles, digestFolder, type CheckedFiles } from "./local-files.ts";
import type { OpenLocation } from "./location.ts";
import { rcloneCat, rcloneCopy, rcloneDigests, rcloneList, remotePath } from "./rclone.ts";
import type { FailedFile, StagedBackup, UploadDeps, UploadFile, UploadResult } from "./upload-types.ts";

/**
 * Uploads the files to `<remote>/assets`, then the staged folder to `<remote>/snapshots/<name>`, with backup.json last: a
 * snapshot that has it is whole. Nothing there is ever changed or removed; an object with other bytes than its file is
 * reported. Verified by the sizes that the remote lists, and by reading back everything that no earlier backup read back.
 */
export async function uploadToRclone(
  location: OpenLocation,
  staged: StagedBackup,
  name: string,
  deps: UploadDeps,
): Promise<UploadResult> {
  const isMarked = await checkMarker(location, staged);
  const plan = planUpload(staged.files, await rcloneList(location, "assets"), deps.isVerified);
  // A file that is damaged here must not replace a good copy.
  const local = await checkFiles(
    staged.assetsRoot,
    [...plan.absent, ...plan.cutShort, ...plan.unverified],
    deps.signal,
  );
  const isRight = new Set(local.right);
  const upload = createUploader(location, staged, deps);
  if (!isMarked) await upload([{ path: ASSETS_MARKER }], false);
  await upload(
    plan.absent.filter((file) => isRight.has(file)),
    false,
  );
  await upload(
    plan.cutShort.filter((file) => isRight.has(file)),
    true,
  );
  const read = await readBack(location, staged, local.right, deps);
  await uploadSnapshot(location, staged, name);
  const damagedHere = local.wrong.map(({ path, reason }) => ({ path, reason: `here: ${reason}` }));
  const failed = [...plan.differing, ...damagedHere, ...read.wrong];
  return { name, readBack: read.right, verifiedBefore: plan.verified, failed };
}

/** One remote folder belongs to one archive; false where it belongs to none yet. */
async function checkMarker(location: OpenLocation, { archiveId }: StagedBackup): Promise<boolean> {
  const chunks: Buffer[] = [];
  await rcloneCat(location, `assets/${ASSETS_MARKER}`, async (chunk) => void chunks.push(chunk));
  const found = Buffer.concat(chunks).toString("utf8").trim();
  // An object store answers with nothing for an object that is not there.
  if (found === "" || found === archiveId) return found !== "";
  throw new DiskError(`${location.name} holds the backup of another archive`, {
    code: "not_this_archive",
    hint: "give each archive a folder of its own",
  });
}

type UploadPlan = {
  /** Not there yet. */
  absent: UploadFile[];
  /** Shorter than here and never read back, as an interrupted upload leaves them: uploaded again. */
  cutShort: UploadFile[];
  /** There with the right size, and never read back. */
  unverified: UploadFile[];
  /** There with the right size, and read back by an earlier backup. */
  verified: UploadFile[];
  /** There with another size: left as they are. */
  differing: FailedFile[];
};

/** What to do about each file, by the sizes that the remote lists. */
function planUpload(files: UploadFile[], sizes: Map<string, number>, isVerified: UploadDeps["isVerified"]): UploadPlan {
  const plan: UploadPlan = { absent: [], cutShort: [], unverified: [], verified: [], differing: [] };
  for (const file of files) {
    const size = sizes.get(file.path);
    if (size === undefined) plan.absent.push(file);
    else if (size === file.bytes) (isVerified(file.sha256) ? plan.verified : plan.unverified).push(file);
    else if (size < file.bytes && !isVerified(file.sha256)) plan.cutShort.push(file);
    else plan.differing.push({ path: file.path, reason: `${size} bytes in the backup, ${file.bytes} here` });
  }
  return plan;
}

type Named = Pick<UploadFile, "path">;

function createUploader(location: OpenLocation, { folder, assetsRoot }: StagedBackup, deps: UploadDeps) {
  return async (files: Named[], overwrite: boolean): Promise<void> => {
    if (files.length === 0) return;
    const list = await writeList(folder, files);
    const transfer = { from: assetsRoot, to: remotePath(location, "assets"), list, overwrite };
    await rcloneCopy(location, transfer, (counts) => deps.onProgress({ doing: "uploading", ...counts }));
  };
}

async function readBack(
  location: OpenLocation,
  { folder }: StagedBackup,
  files: UploadFile[],
  deps: UploadDeps,
): Promise<CheckedFiles> {
  if (files.length === 0) return { right: [], wrong: [] };
  const totals = { totalFiles: files.length, totalBytes: 0, bytes: 0 };
  let count = 0;
  const digests = await rcloneDigests(location, "assets", await writeList(folder, files), () =>
    deps.onProgress({ doing: "reading back", files: ++count, ...totals }),
  );
  return compare(files, digests);
}

/** backup.json goes last, once everything else of the snapshot has been read back. */
async function uploadSnapshot(location: OpenLocation, { folder }: StagedBackup, name: string): Promise<void> {
  const path = `snapshots/${name}`;
  const all = await digestFolder(folder);
  const isInfo = (file: UploadFile) => file.path === INFO_FILE;
  for (const files of [all.filter((file) => !isInfo(file)), all.filter(isInfo)]) {
    await rcloneCopy(location, { from: folder, to: remotePath(location, path), list: await writeList(folder, files) });
    const expected = files.some(isInfo) ? all : files;
    requireWhole(compare(expected, await rcloneDigests(location, path, undefined)));
  }
}

function requireWhole({ wrong: [first] }: CheckedFiles): void {
  if (first === undefined) return;
  throw new IntegrityError(`the backup is not whole: ${first.path}: ${first.reason}`, {
    code: "backup_damaged",
    hint: "back up again: that makes a new snapshot and leaves this one as it is",
  });
}

function compare(files: UploadFile[], digests: Map<string, string>): CheckedFiles {
  const isRight = ({ path, sha256 }: UploadFile) => digests.get(path) === sha256;
  const wrong = files
    .filter((file) => !isRight(file))
    .map(({ path }) => ({ path, reason: digests.has(path) ? "its bytes differ in the backup" : "not in the backup" }));
  return { right: files.filter(isRight), wrong };
}

/** Beside the staged folder, not in it: lists are not part of a backup. */
async function writeList(folder: string, files: Named[]): Promise<string> {
  const list = join(folder, "..", "files.list");
  await writeFile(list, files.map(({ path }) => `${path}\n`).join(""), { mode: 0o600 });
  return list;
}
