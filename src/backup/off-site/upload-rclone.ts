import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DiskError, IntegrityError } from "../../lib/errors.ts";
import { INFO_FILE } from "../snapshot/manifest.ts";
import { filesBelow, holdAgainst } from "./local-files.ts";
import { planSending } from "./plan-upload.ts";
import { rcloneCat, rcloneCopy, rcloneDigests, rcloneList, under, type Transfer } from "./rclone.ts";
import type { Calls } from "./restic.ts";
import {
  ASSETS_MARKER,
  type NotKept,
  type Proof,
  type SendDeps,
  type Staged,
  type StoredFile,
} from "./upload-types.ts";

/**
 * The files to `<remote>/assets`, then the staged folder to `<remote>/snapshots/<name>`, its label last: where a label
 * is, the backup is whole. Nothing there is ever changed or taken away; an object with other bytes than its file is
 * reported. Proven by sizes as the remote lists them, and by reading back all that no earlier backup read back.
 */
export async function sendToRclone(calls: Calls, staged: Staged, name: string, deps: SendDeps): Promise<Proof> {
  const isMarked = await checkMarker(calls, staged);
  const plan = planSending(staged.files, await rcloneList(calls, "assets"), deps.isKnown);
  // What is damaged here must not take the place of what is right.
  const unproven = [...plan.absent, ...plan.torn, ...plan.unproven];
  const local = await holdAgainst(staged.assetsRoot, unproven, deps.signal);
  const mayGo = new Set(local.right);
  const send = createSender(calls, staged, deps);
  if (!isMarked) await send([{ path: ASSETS_MARKER }], {});
  await send(
    plan.absent.filter((file) => mayGo.has(file)),
    {},
  );
  await send(
    plan.torn.filter((file) => mayGo.has(file)),
    { again: true },
  );
  const read = await readBack(calls, staged, local.right, deps);
  await sendSnapshot(calls, staged, name);
  const damagedHere = local.wrong.map(({ path, reason }) => ({ path, reason: `here: ${reason}` }));
  return { name, readBack: read.right, known: plan.known, notKept: [...plan.differing, ...damagedHere, ...read.wrong] };
}

/** One remote folder belongs to one archive; false where it belongs to none yet. */
async function checkMarker(calls: Calls, { archiveId }: Staged): Promise<boolean> {
  const pieces: Buffer[] = [];
  await rcloneCat(calls, `assets/${ASSETS_MARKER}`, async (piece) => void pieces.push(piece));
  const found = Buffer.concat(pieces).toString("utf8").trim();
  // An object store answers with nothing for what is not there.
  if (found === "" || found === archiveId) return found !== "";
  throw new DiskError(`${calls.place.location} holds the backup of another archive`, {
    code: "not_this_archive",
    hint: "give a folder of its own to each archive",
  });
}

type Named = Pick<StoredFile, "path">;
type Send = (files: Named[], how: Pick<Transfer, "again">) => Promise<void>;

function createSender(calls: Calls, { folder, assetsRoot }: Staged, deps: SendDeps): Send {
  return async (files, how) => {
    if (files.length === 0) return;
    const list = await writeList(folder, files);
    const transfer = { from: assetsRoot, to: under(calls, "assets"), list, ...how };
    await rcloneCopy(calls, transfer, (progress) => deps.onProgress({ doing: "sending", ...progress }));
  };
}

async function readBack(calls: Calls, { folder }: Staged, files: StoredFile[], deps: SendDeps) {
  if (files.length === 0) return { right: [], wrong: [] };
  const totals = { totalFiles: files.length, totalBytes: 0, bytes: 0 };
  let count = 0;
  const digests = await rcloneDigests(calls, "assets", await writeList(folder, files), () =>
    deps.onProgress({ doing: "reading back", files: ++count, ...totals }),
  );
  return compare(files, digests);
}

async function sendSnapshot(calls: Calls, { folder }: Staged, name: string): Promise<void> {
  const [target, own] = [`snapshots/${name}`, await filesBelow(folder)];
  const whole = own.filter(({ path }) => path !== INFO_FILE);
  await rcloneCopy(calls, { from: folder, to: under(calls, target), list: await writeList(folder, whole) });
  mustBeRight(compare(whole, await rcloneDigests(calls, target, undefined)).wrong);
  const label = own.filter(({ path }) => path === INFO_FILE);
  await rcloneCopy(calls, { from: folder, to: under(calls, target), list: await writeList(folder, label) });
  mustBeRight(compare(own, await rcloneDigests(calls, target, undefined)).wrong);
}

function mustBeRight([first]: NotKept[]): void {
  if (first === undefined) return;
  throw new IntegrityError(`the backup is not whole: ${first.path}: ${first.reason}`, {
    code: "backup_damaged",
    hint: "back up again: it begins a new snapshot and leaves this one as it is",
  });
}

function compare(files: StoredFile[], digests: Map<string, string>): { right: StoredFile[]; wrong: NotKept[] } {
  const right = files.filter(({ path, sha256 }) => digests.get(path) === sha256);
  const wrong = files
    .filter(({ path, sha256 }) => digests.get(path) !== sha256)
    .map(({ path }) => ({ path, reason: digests.has(path) ? "its bytes differ at the place" : "not at the place" }));
  return { right, wrong };
}

/** Beside the staged folder, not in it: lists are no part of a backup. */
async function writeList(folder: string, files: Named[]): Promise<string> {
  const list = join(folder, "..", "files.list");
  await writeFile(list, files.map(({ path }) => `${path}\n`).join(""), { mode: 0o600 });
  return list;
}
