import type { Command } from "commander";
import { ASSET_KINDS } from "../../lib/asset-kinds.ts";
import { UsageError } from "../../lib/errors.ts";
import { parseDuration } from "../../lib/time/durations.ts";
import { makeWordOption } from "./option-values.ts";

export type BoundFlags = {
  assets?: boolean | string;
  limit?: string;
  maxDuration?: string;
  maxTransfer?: string;
  bwlimit?: string;
};

/** Adds the settings that every command which uses the API takes as flags. */
export function addSettingOptions(command: Command): Command {
  return command
    .option("--assets <folder>", "the folder of the files (PRODUCER_MIRROR_ASSETS, default <home>/assets)")
    .option("--api-url <url>", "the API (PRODUCER_MIRROR_API_URL)")
    .option(
      "--asset-hosts <hosts>",
      "hosts that may have private addresses or plain http (PRODUCER_MIRROR_ASSET_HOSTS)",
    )
    .addOption(makeWordOption("--kinds <kinds>", "kinds of file to fetch (PRODUCER_MIRROR_KINDS)", ASSET_KINDS))
    .option(
      "--from <files...>",
      "files read at each start, to track their ids and import their records (PRODUCER_MIRROR_FROM)",
    )
    .option("--rate <n>", "API requests per second, 0 = no limit (PRODUCER_MIRROR_RATE)")
    .option("--batch-size <n>", "ids per request, 1 to 50 (PRODUCER_MIRROR_BATCH)")
    .option("--concurrency <n>", "downloads at once (PRODUCER_MIRROR_CONCURRENCY)")
    .option("--idle-timeout <seconds>", "stop a download after this long without data (PRODUCER_MIRROR_IDLE_TIMEOUT)");
}

/** Adds the options that limit one run. */
export function addBoundOptions(command: Command): Command {
  return command
    .option("--max-duration <time>", "start nothing new after this long, such as 30m")
    .option("--max-transfer <bytes>", "start no download after this many bytes, such as 2G")
    .option("--bwlimit <bytes>", "download at most this many bytes per second, such as 500k");
}

export type Bounds = { maxDurationMs?: number; maxTransferBytes?: number; bytesPerSecond?: number };

/** The limits as numbers. Throws UsageError that names the bad one. */
export function readBounds({ maxDuration, maxTransfer, bwlimit }: BoundFlags): Bounds {
  const bounds: Bounds = {};
  if (maxDuration !== undefined) bounds.maxDurationMs = parseDuration(maxDuration, "--max-duration") * 1000;
  if (maxTransfer !== undefined) bounds.maxTransferBytes = parseBytes(maxTransfer, "--max-transfer");
  if (bwlimit !== undefined) bounds.bytesPerSecond = parseBytes(bwlimit, "--bwlimit");
  return bounds;
}

const UNITS: Record<string, number> = {
  "": 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 1024,
  mi: 1024 ** 2,
  gi: 1024 ** 3,
  ti: 1024 ** 4,
};

function parseBytes(text: string, flag: string): number {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)\s*([kmgt]i?)?b?$/i.exec(text.trim()) ?? [];
  const bytes = amount === undefined ? 0 : Math.round(Number(amount) * (UNITS[unit.toLowerCase()] ?? 1));
  if (bytes > 0) return bytes;
  throw new UsageError(`${flag} is "${text}"; it takes bytes, such as 500k, 20M or 2G`);
}
