import { UsageError } from "../../lib/errors.ts";
import { finishedWithErrors, isAccessFailure, programFailure } from "./program/failure.ts";
import { measureFolder } from "./local-files.ts";
import type { OpenLocation } from "./location.ts";
import { createChangeDetector, parseLine, parseSnapshots, resticCounts, unexpectedOutput } from "./program-output.ts";
import type { ResticSnapshot } from "./program-output.ts";
import { runProgram, type ProgramEnd, type ProgramRun } from "./program/run-program.ts";
import type { TransferCounts } from "../types.ts";

/** A file of a snapshot: its path when it was backed up, and its size. */
export type ResticFile = { path: string; bytes: number };

/** restic skips a snapshot that it cannot read, and exits with 0. */
const UNREADABLE_SNAPSHOT = /could not load snapshot|Ignoring "/;

export const TAG = "producer-mirror";

/** Throws UsageError where restic would ask for a password. */
export function requirePassword({ program }: OpenLocation): void {
  const { env } = program;
  if (env["RESTIC_PASSWORD"] || env["RESTIC_PASSWORD_FILE"] || env["RESTIC_PASSWORD_COMMAND"]) return;
  throw new UsageError("no password for the restic repository", {
    code: "no_password",
    hint: "set RESTIC_PASSWORD_FILE (a file that only you may read) or RESTIC_PASSWORD in the environment",
  });
}

/** Makes the repository; restic fails where there is one already. */
export async function resticInit(location: OpenLocation): Promise<void> {
  await runOrThrow(location, ["init"]);
}

/**
 * The snapshots of one archive, or of all archives, the newest last. `onUnreadable` gets restic's message about each
 * snapshot that it cannot read, of whichever archive.
 */
export async function resticSnapshots(
  location: OpenLocation,
  archiveId: string | undefined,
  onUnreadable: (message: string) => void = () => {},
): Promise<ResticSnapshot[]> {
  const tag = archiveId === undefined ? TAG : `${TAG},${archiveTag(archiveId)}`;
  const onErrorLine = (line: string) => {
    if (UNREADABLE_SNAPSHOT.test(line)) onUnreadable(line);
  };
  const lines: string[] = [];
  const onLine = (line: string) => void lines.push(line);
  await runOrThrow(location, ["snapshots", "--json", `--tag=${tag}`], { onLine, onErrorLine });
  const snapshots = parseSnapshots(lines.join("\n"));
  return snapshots.toSorted((one, other) => Date.parse(one.time) - Date.parse(other.time));
}

/**
 * Makes one snapshot of `folders`. Returns its id, and which files restic read from the disk because they were new or
 * had changed. Exit 3 (some files could not be read) is thrown like any other failure: such a snapshot is no backup.
 */
export async function resticBackup(
  location: OpenLocation,
  { folders, archiveId, exclude }: { folders: string[]; archiveId: string; exclude: string[] },
  onProgress: (counts: TransferCounts) => void,
): Promise<{ id: string; read: Set<string> }> {
  const read = new Set<string>();
  let id = "";
  const options = [`--tag=${TAG}`, `--tag=${archiveTag(archiveId)}`, ...exclude.map((each) => `--exclude=${each}`)];
  const isNew = createChangeDetector();
  await runOrThrow(location, ["backup", "--json", "--verbose=2", ...options, "--", ...folders], {
    onLine(line) {
      const message = parseLine(line);
      const { message_type: type, action, item, snapshot_id: snapshotId } = message;
      const isRead = action === "new" || action === "modified";
      if (type === "verbose_status" && isRead && typeof item === "string") read.add(item);
      if (type === "summary") id = typeof snapshotId === "string" ? snapshotId : "";
      if (type !== "status" || action !== undefined) return;
      const counts = resticCounts(message);
      onProgress(counts);
      return isNew(counts);
    },
  });
  if (!/^[0-9a-f]{8,64}$/.test(id)) throw unexpectedOutput("restic");
  return { id, read };
}

/** Every file of a snapshot. */
export async function resticFiles(location: OpenLocation, id: string): Promise<ResticFile[]> {
  const files: ResticFile[] = [];
  await runOrThrow(location, ["ls", "--json", "--", id], {
    onLine(line) {
      const { type, path, size } = parseLine(line);
      if (type === "file" && typeof path === "string") files.push({ path, bytes: typeof size === "number" ? size : 0 });
    },
  });
  return files;
}

/**
 * Restores the files that match the patterns (all without any) below `target`, at the paths that they had. A damaged
 * repository gives what is still whole: files may be missing or have other bytes, so the caller compares each with its
 * digest. Throws when a single file failed for another reason than damage, even if hundreds of errors follow that one.
 */
export async function resticRestore(
  location: OpenLocation,
  id: string,
  target: string,
  patterns: string[] = [],
): Promise<void> {
  const include = patterns.map((pattern) => `--include=${pattern}`);
  let accessFailure: string | undefined;
  const end = await run(location, ["restore", `--target=${target}`, ...include, "--", id], {
    measure: () => measureFolder(target),
    onErrorLine(line) {
      if (accessFailure === undefined && isAccessFailure(line)) accessFailure = line;
    },
  });
  if (end.exitCode === 0 || (accessFailure === undefined && finishedWithErrors(end))) return;
  throw programFailure(
    location.program,
    "restore",
    accessFailure === undefined ? end : { ...end, tail: [accessFailure] },
  );
}

/** The bytes of one file. */
export async function resticDump(
  location: OpenLocation,
  id: string,
  path: string,
  onBytes: (chunk: Buffer) => Promise<void>,
): Promise<void> {
  await runOrThrow(location, ["dump", "--", id, path], { onBytes });
}

/** Checks the structure of the whole repository. */
export async function resticCheck(location: OpenLocation): Promise<void> {
  await runOrThrow(location, ["check"]);
}

/** A pattern that matches one path alone: `*`, `?`, `[` and `\` are special to restic. */
export function plainPattern(path: string): string {
  return path.replace(/[*?[\\]/g, String.raw`\$&`);
}

function archiveTag(archiveId: string): string {
  return `archive:${archiveId}`;
}

type OutputHandlers = Pick<ProgramRun, "onLine" | "onErrorLine" | "onBytes" | "measure">;

async function runOrThrow(location: OpenLocation, args: string[], handlers: OutputHandlers = {}): Promise<void> {
  const end = await run(location, args, handlers);
  if (end.exitCode !== 0) throw programFailure(location.program, args[0] ?? "", end);
}

function run(location: OpenLocation, [command = "", ...args]: string[], handlers: OutputHandlers): Promise<ProgramEnd> {
  const { program, target, signal, idleMs } = location;
  return runProgram({ ...program, args: [command, `--repo=${target}`, ...args], signal, idleMs, ...handlers });
}
