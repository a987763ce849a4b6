import { AssetError } from "../../assets/asset-error.ts";
import type { Downloader } from "../../assets/download/download.ts";
import type { DownloadedFile, LostFile, WantedFile } from "../../assets/wanted-file.ts";
import { readAsset, type AssetWriter, type NewlyStored } from "../../archive/assets.ts";
import type { DueAsset } from "../../archive/due.ts";
import type { Database } from "../../db/connection.ts";
import type { AssetKind } from "../../lib/asset-kinds.ts";
import { createRetryBudget, sleep, type RetryBudget } from "../../lib/net/backoff.ts";
import { DiskError, EXIT } from "../../lib/errors.ts";
import { commitTogether } from "./commit-together.ts";
import type { FileQueue } from "./file-queue.ts";
import type { Hosts } from "./hosts.ts";
import type { Emit } from "../events.ts";
import type { Misses } from "./misses.ts";
import { nextAttemptAt, nextGoneCheckAt } from "../../record/schedule.ts";
import type { Tally } from "../tally.ts";

export type FileContext = {
  db: Database;
  downloader: Downloader;
  writer: AssetWriter;
  queue: FileQueue;
  misses: Misses;
  hosts: Hosts;
  tally: Tally;
  emit: Emit;
  now: () => number;
  signal: AbortSignal;
  /** Fetches a task again from the API; false when that is not possible. */
  refetchTask: (taskId: string) => Promise<boolean>;
  /** False once a limit of bytes or time is reached. */
  mayStart: () => boolean;
  /** Hears of each lost file whose right bytes are back. */
  onBack?: (asset: DueAsset, lost: LostFile) => void;
  /** Stores other bytes that upstream has in place of a lost file, instead of keeping them beside it. */
  acceptDifferent?: boolean;
};

const TRIES = 3;
const RETRIES_PER_FILE = 1;

/** What all downloads of a run share: `pausedUntil` by `performance.now()`, which no change of the clock moves. */
type Pace = {
  pausedUntil: number;
  budget: RetryBudget;
  saveStored: (stored: NewlyStored) => Promise<void>;
};

/** Fetches the files of the queue, `concurrency` at once, until it ends. Throws DiskError when nothing can be stored any more. */
export async function fetchFiles(context: FileContext, concurrency: number): Promise<void> {
  const failed = new AbortController();
  const saveStored = commitTogether<NewlyStored>((files) => context.writer.markAllStored(files));
  const pace: Pace = { pausedUntil: 0, budget: createRetryBudget(RETRIES_PER_FILE), saveStored };
  const inner = { ...context, signal: AbortSignal.any([context.signal, failed.signal]) };
  const work = async () => {
    while (!inner.signal.aborted && inner.mayStart()) {
      const asset = await inner.queue.next();
      if (!asset || inner.signal.aborted || !inner.mayStart()) return;
      await fetchOrGiveUp(inner, pace, asset);
    }
  };
  const worker = async () => {
    try {
      await work();
    } catch (error) {
      failed.abort(error);
      context.queue.close();
      throw error;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: concurrency }, worker));
  const rejected = ends.find((end) => end.status === "rejected");
  if (rejected && !context.signal.aborted) throw failed.signal.reason ?? rejected.reason;
}

/** A row whose path leads out of the folder is damaged (`verify --full` reports it). It must not stop other files. */
async function fetchOrGiveUp(context: FileContext, pace: Pace, asset: DueAsset): Promise<void> {
  try {
    await fetchFile(context, pace, asset);
  } catch (error) {
    if (!(error instanceof DiskError && error.code === "bad_asset_path")) throw error;
    giveUp(context, asset, new AssetError("bad_path", error.message, { followUp: "never" }));
  }
}

async function fetchFile(context: FileContext, pace: Pace, asset: DueAsset): Promise<void> {
  const { downloader, misses, hosts, signal } = context;
  pace.budget.count();
  const lost = lostOf(context, asset);
  if (lost && (await downloader.hasFile(lost, signal))) return storeFound(context, asset, lost);
  const adopted = lost ? null : await downloader.adopt(wantedOf(context, asset));
  if (adopted) return store(context, pace, asset, adopted, true);
  let current = asset;
  for (let attempt = 0; ; attempt++) {
    while (pace.pausedUntil > performance.now()) await sleep(pace.pausedUntil - performance.now(), signal);
    if (hosts.isLeft(current.url)) return hosts.skipped(current.url);
    try {
      const file = await downloader.download(wantedOf(context, current), signal);
      hosts.reached(current.url);
      misses.answered(asset);
      if (file.differs) return recordDifferent(context, current, file);
      return await store(context, pace, current, file, false);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AssetError)) throw error;
      if (!error.isUnreachable) hosts.reached(current.url);
      const isOfAddress = error.followUp === "miss" || error.followUp === "address";
      if (isOfAddress && current === asset) {
        const url = await findNewUrl(context, asset);
        if (url === "unknown") return giveUp(context, asset, error);
        if (url === undefined) return refused(context, asset, error);
        current = { ...asset, url };
        continue;
      }
      if (isOfAddress) return refused(context, current, error);
      if (!(await waitToRetry(context, pace, error, attempt))) {
        if (error.httpStatus !== null && !error.isUnreachable) misses.answered(asset);
        return giveUp(context, current, error);
      }
    }
  }
}

/** The URL that the task's record has now: undefined when it is the same, "unknown" when the task was not fetched. */
async function findNewUrl({ db, refetchTask, misses }: FileContext, asset: DueAsset): Promise<string | undefined> {
  if (misses.seemsDown(asset) || !(await refetchTask(asset.taskId))) return "unknown";
  const url = readAsset(db, asset.id)?.url;
  return url === asset.url ? undefined : url;
}

/** Waits before another try; returns false when there is none. */
async function waitToRetry(
  { emit, signal }: FileContext,
  pace: Pace,
  { followUp, retryAfterSeconds, message }: AssetError,
  attempt: number,
): Promise<boolean> {
  if (followUp === "never") return false;
  const waitMs = pace.budget.spend({ attempt, tries: TRIES, retryAfterSeconds });
  if (waitMs === undefined) return false;
  if (followUp === "pause") pace.pausedUntil = Math.max(pace.pausedUntil, performance.now() + waitMs);
  emit({ type: "retry", message, waitMs });
  await sleep(waitMs, signal);
  return true;
}

/** A file that verify missed is back, or was there all the time. */
function storeFound(context: FileContext, asset: DueAsset, lost: LostFile): void {
  const { writer, tally, emit, now } = context;
  writer.markFound(asset.id, now());
  tally.assetsStored++;
  emit({ type: "stored", asset, bytes: asset.bytes ?? 0, adopted: true });
  context.onBack?.(asset, lost);
}

/**
 * Upstream has other bytes than the lost file had. The file counts as gone and is checked as seldom as one. Its row keeps
 * the old digest, so that a backup can still restore the file.
 */
function recordDifferent({ writer, tally, emit, now }: FileContext, asset: DueAsset, other: DownloadedFile): void {
  const message = `upstream has other bytes now than the lost file had (sha256 ${other.sha256}), kept beside as ${other.path}`;
  const nextAttemptAt = nextGoneCheckAt(now());
  writer.markFailed(asset.id, { message, httpStatus: other.httpStatus, nextAttemptAt });
  writer.markMissed(asset.id, { firstMissAt: now(), misses: asset.misses + 1, gone: true, nextAttemptAt });
  tally.assetsGone++;
  tally.assetsBytes += other.bytes;
  emit({ type: "differs", asset, path: other.path });
}

async function store(
  context: FileContext,
  { saveStored }: Pace,
  asset: DueAsset,
  download: DownloadedFile,
  adopted: boolean,
): Promise<void> {
  const { tally, emit, now } = context;
  const lost = lostOf(context, asset);
  const isDifferent = lost !== undefined && lost.sha256 !== download.sha256;
  const remark = isDifferent ? `differs from the file that was stored before (sha256 ${lost.sha256})` : null;
  const file = { ...download, note: [remark, download.note].filter((part) => part !== null).join("; ") || null };
  await saveStored({ asset, file, now: now() });
  tally.assetsStored++;
  if (!adopted) tally.assetsBytes += file.bytes;
  emit({ type: "stored", asset, bytes: file.bytes, adopted });
  if (lost && !isDifferent) context.onBack?.(asset, { ...lost, path: file.path });
}

/** The host refuses the file by the freshest URL that there is: a miss, unless it only says that the URL is not valid. */
function refused(context: FileContext, asset: DueAsset, error: AssetError): void {
  if (error.followUp === "miss") context.misses.missed(asset);
  else context.misses.refused(asset);
  giveUp(context, asset, error);
}

function giveUp({ writer, hosts, tally, emit, now }: FileContext, asset: DueAsset, error: AssetError): void {
  const waitMs = (error.retryAfterSeconds ?? 0) * 1000;
  const next = Math.max(now() + waitMs, nextAttemptAt(asset.attempts + 1, now()));
  writer.markFailed(asset.id, { message: error.message, httpStatus: error.httpStatus, nextAttemptAt: next });
  if (error.isUnreachable) return hosts.notReached(asset.url, error.message);
  const { message, hint } = error;
  tally.problems.push({ exit: EXIT.incomplete, code: "asset_failed", message, hint, assetId: asset.id });
  emit({ type: "assetFailed", asset, message: error.message, nextAttemptAt: next });
}

function wantedOf(context: FileContext, asset: DueAsset): WantedFile {
  const lost = lostOf(context, asset);
  const { url, kind, clipId, taskId, expectedSeconds: durationSeconds } = asset;
  return { url, kind: kind as AssetKind, id: clipId ?? taskId, durationSeconds, ...(lost && { lost }) };
}

/** What the file was when it was stored before, for one that is missing or damaged now. */
function lostOf({ acceptDifferent = false }: FileContext, { path, sha256 }: DueAsset): LostFile | undefined {
  return path !== null && sha256 !== null ? { path, sha256, acceptDifferent } : undefined;
}
