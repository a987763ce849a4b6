import { dirname, join } from "node:path";
import type { AssetKind } from "../../lib/asset-kinds.ts";
import { DiskError } from "../../lib/errors.ts";
import { guardedAgent, type GuardOptions } from "../../lib/net/guarded-agent.ts";
import { adoptFile } from "./adopt.ts";
import { freeBytes, type FreeBytes } from "../../lib/files/disk-errors.ts";
import { fetchInto } from "./fetch-into.ts";
import { partPath, quarantinePath } from "../store/names.ts";
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
  /** For all downloads together; no limit by default. */
  bytesPerSecond?: number | undefined;
  /** Gets the size of each chunk that arrives. */
  onBytes?: (count: number) => void;
} & Pick<GuardOptions, "ca" | "resolve" | "problemOf">;

export type Downloader = {
  /**
   * One attempt to download a file: returns only when its bytes are checked and durable under their final name. Throws
   * AssetError (this file failed, see `followUp`), DiskError (this machine failed), or the signal's reason. Bytes that
   * have arrived by then are kept for the next attempt when they can be trusted.
   */
  download(wanted: WantedFile, signal: AbortSignal): Promise<DownloadedFile>;
  /** A wanted file that is there already but has no row, since the program was killed. Checked; null when there is none. No network. */
  adopt(wanted: WantedFile, signal?: AbortSignal): Promise<DownloadedFile | null>;
  /** Whether a file that was reported lost is there, byte for byte as it was. No network. */
  hasFile(lost: LostFile, signal?: AbortSignal): Promise<boolean>;
  /** Removes the damaged bytes that were quarantined from this path, once the right ones are there; returns how many files. */
  removeQuarantined(lost: LostFile, isNeeded: (sha256: string) => boolean): Promise<number>;
  /** Whether a regular file of this size is there. Also true when the disk cannot be read or has gone: then nothing counts as lost. */
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

/** Downloads into a store. Keeps connections open between files; the owner closes it. */
export function createDownloader(options: DownloaderOptions): Downloader {
  const { store, assetHosts, userAgent, idleTimeoutSeconds = 30 } = options;
  const agent = guardedAgent({
    ...options,
    mayBePrivate: (host, port) => mayBePrivate(assetHosts, host, port),
  });
  const context = {
    store,
    agent,
    assetHosts,
    userAgent,
    caps: { ...CAPS, ...options.caps },
    freeBytes: options.freeBytes ?? freeBytes,
    throttle: createThrottle(options.bytesPerSecond),
    onBytes: options.onBytes ?? (() => {}),
    quarantined: new Set<string>(),
  };
  const inTurn = createTurns();

  return {
    download: (wanted, signal) =>
      inTurn(partPath(wanted.id, wanted.kind), async () => {
        signal.throwIfAborted();
        const watchdog = createWatchdog(idleTimeoutSeconds, signal);
        try {
          await store.folderFor(wanted.id);
          const part = new PartFile(join(store.root, partPath(wanted.id, wanted.kind)), wanted.url);
          return await fetchInto(part, wanted, watchdog, context);
        } catch (error) {
          // A disk that has gone explains whatever else could not be written.
          if (error instanceof DiskError && error.code !== "disk_full") await store.check({ files: true });
          throw error;
        } finally {
          watchdog.stop();
        }
      }),
    adopt: (wanted, signal) => inTurn(partPath(wanted.id, wanted.kind), () => adopt(store, wanted, signal)),
    hasFile: async (lost, signal) =>
      (await store.stat(lost.path))?.type === "file" && (await store.sha256(lost.path, signal)).sha256 === lost.sha256,
    removeQuarantined: async (lost, isNeeded) => (await store.removeQuarantined(lost, { isNeeded })).length,
    isThere: (file) => isThere(store, file),
    close: () => agent.destroy(),
  };
}

/** A kill between the rename and the row leaves the folder unflushed and the notes of the part behind. */
async function adopt(store: AssetStore, wanted: WantedFile, signal?: AbortSignal): Promise<DownloadedFile | null> {
  const found = await adoptFile(store, wanted, signal);
  if (found === null) return null;
  const part = partPath(wanted.id, wanted.kind);
  await store.removePart(part);
  await store.removePart(`${part}.json`);
  await store.removePart(quarantinePath(wanted.id, wanted.kind));
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

/** Runs work of the same name one after another: two downloads of one name would write into one part. */
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
