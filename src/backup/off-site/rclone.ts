import { programFailure } from "./program/failure.ts";
import type { OpenLocation } from "./location.ts";
import { createChangeDetector, parseEntry, rcloneCounts } from "./program-output.ts";
import { runProgram, type ProgramEnd, type ProgramRun } from "./program/run-program.ts";
import type { TransferCounts } from "../types.ts";

/** Fewer retries than by default: the next backup resumes where this one stopped. */
const RETRIES = ["--retries=2", "--low-level-retries=5", "--contimeout=30s"];
/** Counts each second, as lines of JSON on stderr. */
const STATS = ["--use-json-log", "--stats=1s", "--stats-log-level=NOTICE"];
/** `directory not found`: nothing is there yet. */
const NO_FOLDER = 3;

/** Sizes of everything below `folder` of the remote, by path; none where there is no such folder. */
export async function rcloneList(location: OpenLocation, folder: string): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  const args = ["lsjson", "--recursive", "--files-only", "--no-modtime", "--no-mimetype", ...RETRIES];
  const end = await run(location, [...args, "--", remotePath(location, folder)], {
    onLine(line) {
      const found = parseEntry(line);
      if (found) sizes.set(found.path, found.bytes);
    },
  });
  if (end.exitCode === NO_FOLDER) return new Map();
  if (end.exitCode !== 0) throw programFailure(location.program, "lsjson", end);
  return sizes;
}

export type Transfer = {
  from: string;
  to: string;
  /** A file with one path a line; all of `from` without it. */
  list?: string;
  /** Overwrites files that are there already, instead of failing where they differ. */
  overwrite?: boolean;
};

/**
 * Copies files, and never removes or changes any: rclone fails where a file is there already with other bytes, except
 * with `overwrite`. `from` and `to` are a folder of this machine and one of the remote (see `remotePath`), in either order.
 */
export async function rcloneCopy(
  location: OpenLocation,
  { from, to, list, overwrite }: Transfer,
  onProgress: (counts: TransferCounts) => void = () => {},
): Promise<void> {
  const options = [...STATS, ...RETRIES, ...(list === undefined ? [] : [`--files-from-raw=${list}`])];
  // Without --checksum a file that differs in its time alone would count as changed.
  options.push(...(overwrite ? ["--ignore-times"] : ["--immutable", "--checksum"]));
  const end = await run(location, ["copy", ...options, "--", from, to], { onErrorLine: countsReader(onProgress) });
  if (end.exitCode !== 0) throw programFailure(location.program, "copy", end);
}

/** The sha256 of each listed file below `folder`, from bytes that are read back from the remote; without absent files. */
export async function rcloneDigests(
  location: OpenLocation,
  folder: string,
  list: string | undefined,
  onFile: () => void = () => {},
): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  const chosen = list === undefined ? [] : [`--files-from-raw=${list}`];
  const args = ["hashsum", "SHA256", "--download", ...chosen, ...STATS, ...RETRIES, "--", remotePath(location, folder)];
  const end = await run(location, args, {
    onErrorLine: countsReader(() => {}),
    onLine(line) {
      const [, sha256, path] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
      if (sha256 === undefined || path === undefined) return;
      digests.set(path, sha256);
      onFile();
    },
  });
  if (end.exitCode !== 0) throw programFailure(location.program, "hashsum", end);
  return digests;
}

/** The bytes of one file; false where there is none. */
export async function rcloneCat(
  location: OpenLocation,
  path: string,
  onBytes: (chunk: Buffer) => Promise<void>,
): Promise<boolean> {
  const end = await run(location, ["cat", ...RETRIES, "--", remotePath(location, path)], { onBytes });
  if (end.exitCode === NO_FOLDER || end.exitCode === 4) return false;
  if (end.exitCode !== 0) throw programFailure(location.program, "cat", end);
  return true;
}

/** A path below the location, as rclone names it. */
export function remotePath({ target }: Pick<OpenLocation, "target">, path: string): string {
  return /[:/]$/.test(target) ? `${target}${path}` : `${target}/${path}`;
}

/** Reads the counts in rclone's log; answers false for counts that are the same as before. */
function countsReader(onProgress: (counts: TransferCounts) => void): (line: string) => boolean {
  const isNew = createChangeDetector();
  return (line) => {
    const counts = rcloneCounts(line);
    if (!counts) return true;
    onProgress(counts);
    return isNew(counts);
  };
}

function run(
  { program, signal, idleMs }: OpenLocation,
  args: string[],
  handlers: Pick<ProgramRun, "onLine" | "onErrorLine" | "onBytes">,
): Promise<ProgramEnd> {
  return runProgram({ ...program, args, signal, idleMs, ...handlers });
}
