import { programFailure } from "./program/failure.ts";
import { readEntry, readStats, type RcloneProgress } from "./rclone-messages.ts";
import type { Calls } from "./restic.ts";
import { runProgram, type ProgramEnd, type ProgramRun } from "./program/run-program.ts";

/** Fewer tries of their own: the next backup goes on where this one stopped. */
const PATIENCE = ["--retries=2", "--low-level-retries=5", "--contimeout=30s"];
/** Its counts each second, as lines of JSON on stderr. */
const STATS = ["--use-json-log", "--stats=1s", "--stats-log-level=NOTICE"];
/** `directory not found`: nothing is there yet. */
const NO_FOLDER = 3;

/** Sizes of everything below `folder` of the remote, by path; none where there is no such folder. */
export async function rcloneList(calls: Calls, folder: string): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  const args = ["lsjson", "--recursive", "--files-only", "--no-modtime", "--no-mimetype", ...PATIENCE];
  const end = await run(calls, [...args, "--", under(calls, folder)], {
    onLine(line) {
      const found = readEntry(line);
      if (found) sizes.set(found.path, found.bytes);
    },
  });
  if (end.exitCode === NO_FOLDER) return new Map();
  if (end.exitCode !== 0) throw programFailure(calls.program, "lsjson", end);
  return sizes;
}

export type Transfer = {
  from: string;
  to: string;
  /** A file with one path a line; all of `from` without it. */
  list?: string;
  /** What is there already is written again, instead of being refused where it differs. */
  again?: boolean;
};

/**
 * Copies files, never removes or changes any: what lies there already with other bytes is an error of rclone's, unless
 * `again` names it. `from` and `to` are a folder of this machine and one of the remote (see `under`), either way round.
 */
export async function rcloneCopy(
  calls: Calls,
  { from, to, list, again }: Transfer,
  onProgress: (progress: RcloneProgress) => void = () => {},
): Promise<void> {
  const options = [...STATS, ...PATIENCE, ...(list === undefined ? [] : [`--files-from-raw=${list}`])];
  // Without --checksum a file that only has another time would count as changed.
  options.push(...(again ? ["--ignore-times"] : ["--immutable", "--checksum"]));
  const end = await run(calls, ["copy", ...options, "--", from, to], { onErrorLine: statsReader(onProgress) });
  if (end.exitCode !== 0) throw programFailure(calls.program, "copy", end);
}

/** The sha256 of each listed file below `folder`, of bytes that are read back from the remote; absent ones are left out. */
export async function rcloneDigests(
  calls: Calls,
  folder: string,
  list: string | undefined,
  onFile: () => void = () => {},
): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  const chosen = list === undefined ? [] : [`--files-from-raw=${list}`];
  const args = ["hashsum", "SHA256", "--download", ...chosen, ...STATS, ...PATIENCE, "--", under(calls, folder)];
  const end = await run(calls, args, {
    onErrorLine: statsReader(() => {}),
    onLine(line) {
      const [, sha256, path] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
      if (sha256 === undefined || path === undefined) return;
      digests.set(path, sha256);
      onFile();
    },
  });
  if (end.exitCode !== 0) throw programFailure(calls.program, "hashsum", end);
  return digests;
}

/** The bytes of one file; false where there is none. */
export async function rcloneCat(
  calls: Calls,
  path: string,
  onBytes: (piece: Buffer) => Promise<void>,
): Promise<boolean> {
  const end = await run(calls, ["cat", ...PATIENCE, "--", under(calls, path)], { onBytes });
  if (end.exitCode === NO_FOLDER || end.exitCode === 4) return false;
  if (end.exitCode !== 0) throw programFailure(calls.program, "cat", end);
  return true;
}

/** A path of the remote. */
export function under({ place }: Pick<Calls, "place">, path: string): string {
  if (path === "") return place.target;
  return /[:/]$/.test(place.target) ? `${place.target}${path}` : `${place.target}/${path}`;
}

/** Hands counts on; a report each second is a sign of life only where it says something new. */
function statsReader(onProgress: (progress: RcloneProgress) => void): (line: string) => boolean {
  let last = -1;
  return (line) => {
    const progress = readStats(line);
    if (!progress) return true;
    onProgress(progress);
    const isNews = progress.bytes + progress.files !== last;
    last = progress.bytes + progress.files;
    return isNews;
  };
}

async function run(
  { program, signal, idleMs }: Calls,
  args: string[],
  taking: Pick<ProgramRun, "onLine" | "onErrorLine" | "onBytes">,
): Promise<ProgramEnd> {
  const { name, path, env } = program;
  return runProgram({ name, path, args, env, signal, idleMs, ...taking });
}
