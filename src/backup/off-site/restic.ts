import { UsageError } from "../../lib/errors.ts";
import { endedCounting, isObstacle, programFailure } from "./program/failure.ts";
import type { Program } from "./program/find-program.ts";
import { weigh } from "./local-files.ts";
import type { Place } from "./location.ts";
import {
  createNews,
  isSnapshot,
  parseAnswer,
  readProgress,
  strange,
  textIn,
  tryParse,
  type ResticProgress,
  type ResticSnapshot,
} from "./restic-messages.ts";
import { runProgram, type ProgramEnd, type ProgramRun } from "./program/run-program.ts";

/** What every call needs. */
export type Calls = { program: Program; place: Place; signal: AbortSignal; idleMs: number };

/** One of its files: where it lay when it was backed up, and its size. */
export type ResticFile = { path: string; bytes: number };

/** restic goes on without a snapshot that it cannot read, and ends with 0. */
const UNREADABLE_SNAPSHOT = /could not load snapshot|Ignoring "/;

export const TAG = "producer-mirror";

/** Throws UsageError where restic would ask for a password. */
export function needPassword({ program }: Calls): void {
  const { env } = program;
  if (env["RESTIC_PASSWORD"] || env["RESTIC_PASSWORD_FILE"] || env["RESTIC_PASSWORD_COMMAND"]) return;
  throw new UsageError("no password for the restic repository", {
    code: "no_password",
    hint: "set RESTIC_PASSWORD_FILE (a file that only you may read) or RESTIC_PASSWORD in the environment",
  });
}

/** Makes the repository; where one is already, that is an error of restic's. */
export async function resticInit(calls: Calls): Promise<void> {
  await succeed(calls, "init", ["init"]);
}

/** Snapshots of one archive, the newest last; `onUnreadable` hears restic's words about each that it cannot read, whosever it is. */
export async function resticSnapshots(
  calls: Calls,
  archiveId: string | undefined,
  onUnreadable: (words: string) => void = () => {},
): Promise<ResticSnapshot[]> {
  const tag = archiveId === undefined ? TAG : `${TAG},${archiveTag(archiveId)}`;
  const onErrorLine = (line: string) => {
    if (UNREADABLE_SNAPSHOT.test(line)) onUnreadable(line);
  };
  const text = await textOf(calls, "snapshots", ["snapshots", "--json", `--tag=${tag}`], { onErrorLine });
  const found = parseAnswer(text, "snapshots");
  const snapshots = Array.isArray(found) ? found.filter(isSnapshot) : [];
  return snapshots.toSorted((one, other) => Date.parse(one.time) - Date.parse(other.time));
}

/**
 * One snapshot of `folders`. Answers its id, and which files it read from the disk because it did not know them or
 * they had changed. Exit 3 (some files could not be read) is thrown like any other failure: what came of it is no backup.
 */
export async function resticBackup(
  calls: Calls,
  { folders, archiveId, exclude }: { folders: string[]; archiveId: string; exclude: string[] },
  onProgress: (progress: ResticProgress) => void,
): Promise<{ id: string; read: Set<string> }> {
  const read = new Set<string>();
  let id = "";
  const options = [`--tag=${TAG}`, `--tag=${archiveTag(archiveId)}`, ...exclude.map((each) => `--exclude=${each}`)];
  const news = createNews();
  await succeed(calls, "backup", ["backup", "--json", "--verbose=2", ...options, "--", ...folders], {
    onLine(line) {
      const message = tryParse(line);
      const item = message["item"];
      const isRead = message["action"] === "new" || message["action"] === "modified";
      if (message["message_type"] === "verbose_status" && isRead && typeof item === "string") read.add(item);
      if (message["message_type"] === "summary") id = textIn(message, "snapshot_id");
      if (message["message_type"] !== "status" || message["action"] !== undefined) return;
      const progress = readProgress(message);
      onProgress(progress);
      return news(progress.bytes + progress.files);
    },
  });
  if (!/^[0-9a-f]{8,64}$/.test(id)) throw strange("backup");
  return { id, read };
}

/** Every file of a snapshot. */
export async function resticFiles(calls: Calls, id: string): Promise<ResticFile[]> {
  const files: ResticFile[] = [];
  await succeed(calls, "ls", ["ls", "--json", "--", id], {
    onLine(line) {
      const { type, path, size } = tryParse(line);
      if (type === "file" && typeof path === "string") files.push({ path, bytes: typeof size === "number" ? size : 0 });
    },
  });
  return files;
}

/**
 * The files that the patterns name (all without any), below `target` at the paths that they had. Of a damaged repository
 * what is still whole; files may be missing, or hold other bytes than they had: whoever asks for them holds each against its digest.
 * Throws where something else than damage kept a single file from coming, even if hundreds of complaints came after that.
 */
export async function resticRestore(calls: Calls, id: string, target: string, patterns: string[] = []): Promise<void> {
  const include = patterns.map((pattern) => `--include=${pattern}`);
  let obstacle: string | undefined;
  const end = await run(calls, ["restore", `--target=${target}`, ...include, "--", id], {
    trace: () => weigh(target),
    onErrorLine(line) {
      if (obstacle === undefined && isObstacle(line)) obstacle = line;
    },
  });
  if (end.exitCode === 0 || (obstacle === undefined && endedCounting(end))) return;
  throw programFailure(calls.program, "restore", obstacle === undefined ? end : { ...end, tail: [obstacle] });
}

/** The bytes of one file. */
export async function resticDump(
  calls: Calls,
  id: string,
  path: string,
  onBytes: (piece: Buffer) => Promise<void>,
): Promise<void> {
  await succeed(calls, "dump", ["dump", "--", id, path], { onBytes });
}

/** Looks at the structure of the whole repository. */
export async function resticCheck(calls: Calls): Promise<void> {
  await succeed(calls, "check", ["check"]);
}

/** A path as a pattern that means it alone: restic's know `*`, `?`, `[` and `\`. */
export function plainPattern(path: string): string {
  return path.replace(/[*?[\\]/g, String.raw`\$&`);
}

function archiveTag(archiveId: string): string {
  return `archive:${archiveId}`;
}

type Taking = Pick<ProgramRun, "onLine" | "onErrorLine" | "onBytes" | "trace">;

async function succeed(calls: Calls, doing: string, args: string[], taking: Taking = {}): Promise<ProgramEnd> {
  const end = await run(calls, args, taking);
  if (end.exitCode !== 0) throw programFailure(calls.program, doing, end);
  return end;
}

function run({ program, place, signal, idleMs }: Calls, args: string[], taking: Taking): Promise<ProgramEnd> {
  const [command = "", ...rest] = args;
  const { name, path, env } = program;
  return runProgram({ name, path, args: [command, `--repo=${place.target}`, ...rest], env, signal, idleMs, ...taking });
}

async function textOf(calls: Calls, doing: string, args: string[], taking: Taking): Promise<string> {
  const lines: string[] = [];
  await succeed(calls, doing, args, { ...taking, onLine: (line) => void lines.push(line) });
  return lines.join("\n");
}
