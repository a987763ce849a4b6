import type { Config } from "../config.ts";
import type { ArchiveHandle } from "./archive-handle.ts";
import type { PassOn } from "./pass-on/pass-on.ts";
import type { Keys } from "./keys/keys.ts";
import type { WrongKeys } from "./keys/wrong-keys.ts";
import type { Workers } from "./workers/workers.ts";

/** How `serve` was started. */
export type ServeOptions = {
  /** A key is asked for on loopback addresses too. */
  requireKey: boolean;
  /** Replayed documents name our own addresses for stored files. */
  rewriteUrls: boolean;
  /** What is asked of the API with the caller's own token; undefined: nothing. */
  passOn?: PassOn | undefined;
  /** The last complete run may be this old for `/readyz`. */
  maxAgeMs: number;
};

/** What every route works with. */
export type ServerContext = {
  config: Config;
  options: ServeOptions;
  /** The database of the main thread: for short questions alone. */
  archive: ArchiveHandle;
  /** Answers what may take long, beside the main thread. */
  workers: Workers;
  keys: Keys;
  wrongKeys: WrongKeys;
};
