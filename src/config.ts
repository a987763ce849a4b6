import { existsSync, readFileSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { z } from "zod";
import { ASSET_KINDS, type AssetKind } from "./lib/asset-kinds.ts";
import { UsageError } from "./lib/errors.ts";

/** Values that came from the command line; undefined means the flag was not given. */
export type Flags = {
  home?: string | undefined;
  assets?: string | undefined;
  apiUrl?: string | undefined;
  assetHosts?: string | undefined;
  kinds?: string | undefined;
  from?: string[] | undefined;
  rate?: string | undefined;
  batchSize?: string | undefined;
  concurrency?: string | undefined;
  idleTimeout?: string | undefined;
};

export type Config = {
  /** The archive folder, absolute. */
  home: string;
  /** The assets folder, absolute. */
  assets: string;
  /** Where the settings of the API come from; a token is in memory only. */
  token: string | undefined;
  /** Origin of the API without a trailing slash. */
  apiUrl: string;
  /** `host` or `host:port`, lower case: may be plain http and private. */
  assetHosts: string[];
  kinds: AssetKind[];
  /** Absolute paths of files re-read at the start of each run. */
  from: string[];
  /** API requests per second, 0 = no limit. */
  rate: number;
  batchSize: number;
  concurrency: number;
  /** Seconds without a byte after which a download ends. */
  idleTimeoutSeconds: number;
  /** Remarks for stderr, such as a `.env` that others may read. */
  warnings: string[];
};
