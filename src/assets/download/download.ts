import { dirname, join } from "node:path";
import type { AssetKind } from "../../lib/asset-kinds.ts";
import { DiskError } from "../../lib/errors.ts";
import { guardedAgent, type GuardOptions } from "../../lib/net/guarded-agent.ts";
import { adoptFile } from "./adopt.ts";
import { freeBytes, type FreeBytes } from "../../lib/files/disk-errors.ts";
import { fetchInto } from "./fetch-into.ts";
import { partPath, refusedPath } from "../store/names.ts";
import { PartFile } from "./part-file.ts";
import type { AssetStore } from "../store/store.ts";
import { flushFolder } from "../../lib/files/flush.ts";
import { mayBePrivate } from "./url-rules.ts";
import type { DownloadedFile, LostFile, WantedFile } from "../wanted-file.ts";
import { createThrottle } from "./throttle.ts";
import { createWatchdog } from "./watchdog.ts";

export type DownloaderOptions = {
  store: AssetStore;
  /** `host` or `host:port`, lower case: may be plain http and private. */
  assetHosts: readonly string[];
  userAgent: string;
  /** Default 30. */
  idleTimeoutSeconds?: number;
  /** Largest file of a kind in bytes, where it differs from CAPS. */
  caps?: Partial<Record<AssetKind, number>>;
  freeBytes?: FreeBytes;
  /** All downloads together; no limit unless said. */
  bytesPerSecond?: number | undefined;
  /** Hears of every piece that arrives. */
  onBytes?: (count: number) => void;
} & Pick<GuardOptions, "ca" | "resolve" | "problemOf">;

export type Downloader = {
  /**
   * One attempt to bring a file: returns only when its bytes are checked and durable under their final name. Throws
   * AssetError (this file failed, `followUp` says what may be done), DiskError (this machine failed), or the signal's
   * reason; what has arrived by then is kept for the next attempt where that can be trusted.
   */
  download(want: WantedFile, signal: AbortSignal): Promise<DownloadedFile>;
  /** The file of a want that lies there already, its row lost by a kill; checked and digested, null when there is none. No network. */
  adopt(want: WantedFile, signal?: AbortSignal): Promise<DownloadedFile | null>;
  /** True when a file that was thought lost lies there, byte for byte as it was. No network. */
  hasFile(lost: LostFile, signal?: AbortSignal): Promise<boolean>;
  /** True when a regular file of this size lies there, and when the disk does not let us look: that loses nothing. */
  isThere(file: { path: string; bytes: number | null }): Promise<boolean>;
  close(): Promise<void>;
};

const MB = 1e6;
export const CAPS: Readonly<Record<AssetKind, number>> = {
  audio: 200 * MB,
  image: 20 * MB,
  video: 2000 * MB,
  wav: 2000 * MB,
  stems: 2000 * MB,
};

const CONNECT_TIMEOUT_SECONDS = 10;

/** Downloads into a store. Keeps connections open between files; the owner closes it. */
export function createDownloader(options: DownloaderOptions): Downloader {
  const { store, assetHosts, userAgent, idleTimeoutSeconds = 30 } = options;
  const agent = guardedAgent({
    ...options,
    mayBePrivate: (host, port) => mayBePrivate(assetHosts, host, port),
    connectTimeoutMs: Math.min(CONNECT_TIMEOUT_SECONDS, idleTimeoutSeconds) * 1000,
  });
  const fetching = {
    store,
    agent,
    assetHosts,
    userAgent,
    caps: { ...CAPS, ...options.caps },
    freeBytes: options.freeBytes ?? freeBytes,
    throttle: createThrottle(options.bytesPerSecond),
    onBytes: options.onBytes ?? (() => {}),
    refused: new Set<string>(),
  };
  const inTurn = createTurns();

  return {
    download: (want, signal) =>
      inTurn(partPath(want.id, want.kind), async () => {
        signal.throwIfAborted();
        const watchdog = createWatchdog(idleTimeoutSeconds, signal);
        try {
          await store.folderFor(want.id);
          const part = new PartFile(join(store.root, partPath(want.id, want.kind)), want.url);
          return await fetchInto(part, want, watchdog, fetching);
        } finally {
          watchdog.stop();
        }
      }),
    adopt: (want, signal) => inTurn(partPath(want.id, want.kind), () => adopt(store, want, signal)),
    hasFile: async (lost, signal) =>
      (await store.stat(lost.path))?.type === "file" && (await store.sha256(lost.path, signal)).sha256 === lost.sha256,
    isThere: (file) => isThere(store, file),
    close: () => agent.destroy(),
  };
}

/** A kill between the final name and its row leaves the folder unflushed and the notes of the part behind. */
async function adopt(store: AssetStore, want: WantedFile, signal?: AbortSignal): Promise<DownloadedFile | null> {
  const found = await adoptFile(store, want, signal);
  if (found === null) return null;
  const part = partPath(want.id, want.kind);
  await store.removePart(part);
  await store.removePart(`${part}.json`);
  await store.removePart(refusedPath(want.id, want.kind));
  await flushFolder(dirname(store.locate(found.path)));
  return found;
}

async function isThere(store: AssetStore, { path, bytes }: { path: string; bytes: number | null }): Promise<boolean> {
  try {
    const entry = await store.stat(path);
    return entry?.type === "file" && (bytes === null || entry.bytes === bytes);
  } catch (error) {
    if (error instanceof DiskError) return true;
    throw error;
  }
}

/** Lets work of one name wait for the one before: two wants of one name would write into one part. */
function createTurns(): <Result>(name: string, work: () => Promise<Result>) => Promise<Result> {
  const last = new Map<string, Promise<unknown>>();
  return async (name, work) => {
    const mine = (last.get(name) ?? Promise.resolve()).then(work, work);
    last.set(name, mine);
    try {
      return await mine;
    } finally {
      if (last.get(name) === mine) last.delete(name);
    }
  };
}
