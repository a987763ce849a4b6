import { AssetError } from "../../assets/asset-error.ts";
import type { Downloader } from "../../assets/download/download.ts";
import type { DownloadedFile, LostFile, WantedFile } from "../../assets/wanted-file.ts";
import { readAsset, type AssetWriter } from "../../archive/assets.ts";
import type { DueAsset } from "../../archive/due.ts";
import type { Database } from "../../db/connection.ts";
import type { AssetKind } from "../../lib/asset-kinds.ts";
import { fullJitterMs, sleep } from "../../lib/net/backoff.ts";
import { DiskError, EXIT } from "../../lib/errors.ts";
import type { FileQueue } from "./file-queue.ts";
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
  tally: Tally;
  emit: Emit;
  now: () => number;
  signal: AbortSignal;
  /** Asks the API once more for a task; false when it cannot be asked. */
  refetchTask: (taskId: string) => Promise<boolean>;
  /** False once a limit of bytes or time is reached. */
  mayStart: () => boolean;
  /** In place of a lost file its other bytes upstream are taken, instead of being kept beside. */
  acceptDifferent?: boolean;
};

const TRIES = 3;
const BUDGET_FLOOR = 20;
/** The longest wait that a server may ask for, in seconds. */
const LONGEST_WAIT = 120;

type Pace = { pausedUntil: number; started: number; retries: number };

/** Fetches what the feed gives, `concurrency` at once, until it ends. Throws DiskError: nothing can be kept any more. */
export async function fetchFiles(fetching: FileContext, concurrency: number): Promise<void> {
  const failed = new AbortController();
  const pace: Pace = { pausedUntil: 0, started: 0, retries: 0 };
  const inner = { ...fetching, signal: AbortSignal.any([fetching.signal, failed.signal]) };
  const worker = async () => {
    while (!inner.signal.aborted && inner.mayStart()) {
      const asset = await inner.queue.next();
      if (!asset || inner.signal.aborted || !inner.mayStart()) return;
      await fetchOrGiveUp(inner, pace, asset);
    }
  };
  const guarded = async () => {
    try {
      await worker();
    } catch (error) {
      failed.abort(error);
      fetching.queue.close();
      throw error;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: concurrency }, guarded));
  const broken = ends.find((end) => end.status === "rejected");
  if (broken && !fetching.signal.aborted) throw failed.signal.reason ?? broken.reason;
}

/** A row whose path leads out of the folder is damaged (`verify --full` says so), and keeps no other file from coming. */
async function fetchOrGiveUp(fetching: FileContext, pace: Pace, asset: DueAsset): Promise<void> {
  try {
    await fetchOne(fetching, pace, asset);
  } catch (error) {
    if (!(error instanceof DiskError && error.code === "bad_asset_path")) throw error;
    giveUp(fetching, asset, new AssetError("bad_path", error.message, { followUp: "never" }));
  }
}

async function fetchOne(fetching: FileContext, pace: Pace, asset: DueAsset): Promise<void> {
  const { downloader, misses, signal } = fetching;
  pace.started++;
  const lost = lostOf(fetching, asset);
  if (lost && (await downloader.holds(lost, signal))) return foundAgain(fetching, asset);
  const adopted = lost ? null : await downloader.adopt(wantOf(fetching, asset));
  if (adopted) return keep(fetching, asset, adopted, true);
  let current = asset;
  for (let attempt = 0; ; attempt++) {
    while (pace.pausedUntil > Date.now()) await sleep(pace.pausedUntil - Date.now(), signal);
    try {
      const file = await downloader.download(wantOf(fetching, current), signal);
      misses.answered(asset);
      if (file.differs) return differs(fetching, current, file);
      return keep(fetching, current, file, false);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AssetError)) throw error;
      if (error.followUp === "miss" && current === asset) {
        const moved = await movedUrl(fetching, asset);
        if (moved === "unknown") return giveUp(fetching, asset, error);
        if (moved === undefined) return miss(fetching, asset, error);
        current = { ...asset, url: moved };
        continue;
      }
      if (error.followUp === "miss") return miss(fetching, current, error);
      if (!(await waited(fetching, pace, error, attempt))) {
        if (error.httpStatus !== null) misses.answered(asset);
        return giveUp(fetching, current, error);
      }
    }
  }
}

/** The URL that the record has now: undefined when it is the same, "unknown" when the API was not asked. */
async function movedUrl(
  { db, refetchTask: askAgain, misses }: FileContext,
  asset: DueAsset,
): Promise<string | undefined> {
  if (misses.seemsDown(asset) || !(await askAgain(asset.taskId))) return "unknown";
  const url = readAsset(db, asset.id)?.url;
  return url === asset.url ? undefined : url;
}

/** Waits before another try; false when there is none. */
async function waited({ emit, signal }: FileContext, pace: Pace, error: AssetError, attempt: number): Promise<boolean> {
  const exhausted = attempt + 1 >= TRIES || pace.retries >= BUDGET_FLOOR + pace.started;
  if (error.followUp === "never" || exhausted) return false;
  const asked = error.retryAfterSeconds;
  if (asked !== null && asked > LONGEST_WAIT) return false;
  const waitMs = asked === null ? fullJitterMs(attempt) : asked * 1000;
  if (error.followUp === "pause") pace.pausedUntil = Math.max(pace.pausedUntil, Date.now() + waitMs);
  pace.retries++;
  emit({ type: "retry", message: error.message, waitMs });
  await sleep(waitMs, signal);
  return true;
}

/** The file that verify missed is back, or was never gone. */
function foundAgain({ writer, tally, emit, now }: FileContext, asset: DueAsset): void {
  writer.markFound(asset.id, now());
  tally.assetsStored++;
  emit({ type: "stored", asset, bytes: asset.bytes ?? 0, adopted: true });
}

/**
 * What was lost is not upstream any more, something else is: as gone as a file can be, and looked at again as seldom.
 * The row stays with its digest, so that a backup can still give the file back.
 */
function differs({ writer, tally, emit, now }: FileContext, asset: DueAsset, other: DownloadedFile): void {
  const message = `upstream has other bytes now than those that were lost (sha256 ${other.sha256}), kept beside as ${other.path}`;
  const nextAttemptAt = nextGoneCheckAt(now());
  writer.markFailed(asset.id, { message, httpStatus: other.httpStatus, nextAttemptAt });
  writer.markMissed(asset.id, { firstMissAt: now(), misses: asset.misses + 1, gone: true, nextAttemptAt });
  tally.assetsGone++;
  tally.assetsBytes += other.bytes;
  emit({ type: "differs", asset, path: other.path });
}

function keep(fetching: FileContext, asset: DueAsset, download: DownloadedFile, adopted: boolean): void {
  const { writer, tally, emit, now } = fetching;
  const lost = lostOf(fetching, asset);
  const isOther = lost !== undefined && lost.sha256 !== download.sha256;
  const remark = isOther ? `differs from the file that was stored before (sha256 ${lost.sha256})` : null;
  const file = { ...download, note: [remark, download.note].filter((part) => part !== null).join("; ") || null };
  writer.markStored(asset, file, now());
  tally.assetsStored++;
  if (!adopted) tally.assetsBytes += file.bytes;
  emit({ type: "stored", asset, bytes: file.bytes, adopted });
}

function miss(fetching: FileContext, asset: DueAsset, error: AssetError): void {
  fetching.misses.missed(asset);
  giveUp(fetching, asset, error);
}

function giveUp({ writer, tally, emit, now }: FileContext, asset: DueAsset, error: AssetError): void {
  const wait = (error.retryAfterSeconds ?? 0) * 1000;
  const next = Math.max(now() + wait, nextAttemptAt(asset.attempts + 1, now()));
  writer.markFailed(asset.id, { message: error.message, httpStatus: error.httpStatus, nextAttemptAt: next });
  const { message, hint } = error;
  tally.problems.push({ exit: EXIT.incomplete, code: "asset_failed", message, hint, assetId: asset.id });
  emit({ type: "assetFailed", asset, message: error.message, nextAttemptAt: next });
}

function wantOf(fetching: FileContext, asset: DueAsset): WantedFile {
  const lost = lostOf(fetching, asset);
  const { url, kind, clipId, taskId, expectedSeconds: durationSeconds } = asset;
  return { url, kind: kind as AssetKind, id: clipId ?? taskId, durationSeconds, ...(lost && { lost }) };
}

/** A file to fetch that was stored before: verify found it missing or damaged. */
function lostOf({ acceptDifferent: takeOther = false }: FileContext, { path, sha256 }: DueAsset): LostFile | undefined {
  return path !== null && sha256 !== null ? { path, sha256, acceptDifferent: takeOther } : undefined;
}
