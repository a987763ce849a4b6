import type { Agent } from "undici";
import type { AssetKind } from "../../lib/asset-kinds.ts";
import type { FreeBytes } from "../../lib/files/disk-errors.ts";
import type { AssetStore } from "../store/store.ts";
import type { Throttle } from "./throttle.ts";

/** What all downloads of one downloader share. */
export type DownloadContext = {
  store: AssetStore;
  agent: Agent;
  /** `host` or `host:port`, lower case: may be plain http and private. */
  assetHosts: readonly string[];
  userAgent: string;
  /** The largest file of each kind, in bytes. */
  caps: Readonly<Record<AssetKind, number>>;
  freeBytes: FreeBytes;
  throttle: Throttle;
  /** Gets the size of each chunk that arrives. */
  onBytes: (count: number) => void;
  /** Paths of the quarantined bytes, relative to the assets folder. */
  quarantined: Set<string>;
};
