import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AssetError } from "../../../src/assets/asset-error.ts";
import { createDownloader, type Downloader, type DownloaderOptions } from "../../../src/assets/download/download.ts";
import { openStore, type AssetStore } from "../../../src/assets/store/store.ts";
import type { DownloadedFile, WantedFile } from "../../../src/assets/wanted-file.ts";

export const ID = "1dd08826-478e-43a6-868f-aff5ababac2c";

export function media(name: string): Buffer {
  return readFileSync(join(import.meta.dirname, "../../fixtures/media", name));
}

/** A good m4a of any size: a real one with a box of filler behind it. */
export function bigM4a(size: number): Buffer {
  const song = media("faststart.m4a");
  const filler = Buffer.alloc(size - song.length);
  for (let at = 8; at < filler.length; at++) filler[at] = (at * 31 + (at >> 8)) & 255;
  filler.writeUInt32BE(filler.length, 0);
  filler.write("free", 4);
  return Buffer.concat([song, filler]);
}

export type Setup = AsyncDisposable & {
  folder: string;
  root: string;
  store: AssetStore;
  downloader: Downloader;
  get(url: string, want?: Partial<WantedFile>): Promise<DownloadedFile>;
  /** The AssetError (or other error) that a download ends with. */
  fail(url: string, want?: Partial<WantedFile>): Promise<AssetError>;
  /** Every file below the root but the marker. */
  files(): Promise<string[]>;
};

/** A store in a fresh folder and a downloader that may reach `hosts`. */
export async function setUp(options: Partial<DownloaderOptions> = {}): Promise<Setup> {
  const folder = mkdtempSync(join(tmpdir(), "mirror-assets-"));
  const root = join(folder, "assets");
  const store = openStore(root, "archive-1");
  await store.prepare({ files: false });
  const downloader = createDownloader({
    store,
    assetHosts: ["127.0.0.1"],
    userAgent: "producer-mirror/test",
    ...options,
  });
  const get = (url: string, want: Partial<WantedFile> = {}) =>
    downloader.download({ url, kind: "audio", id: ID, durationSeconds: null, ...want }, AbortSignal.timeout(20_000));
  return {
    folder,
    root,
    store,
    downloader,
    get,
    fail: (url, want) =>
      get(url, want).then(
        (found) => Promise.reject(new Error(`stored ${found.path}`)),
        (error: unknown) => error as AssetError,
      ),
    files: async () => {
      const found: string[] = [];
      for await (const path of store.list()) found.push(path);
      for await (const part of store.listParts()) found.push(part.path);
      return found.sort();
    },
    [Symbol.asyncDispose]: async () => {
      await downloader.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Everything that an iterable brings. */
export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}
