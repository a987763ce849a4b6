import { EXIT, MirrorError, RefusedError, UpstreamError, UsageError } from "../../../lib/errors.ts";
import { safeLine } from "../../../lib/text/terminal-safe.ts";
import { hideSecrets } from "./environment.ts";
import { errorOfWords } from "./failure-texts.ts";
import type { Program, ProgramName } from "./find-program.ts";
import type { ProgramEnd } from "./run-program.ts";

const AGAIN = "run it again: what is there already is not sent twice";
const SHOWN = 400;

/** Codes that say one thing alone, whatever is on stderr (restic: doc/075_scripting.rst; rclone: docs.md, Exit code). */
const CODES: Record<ProgramName, Record<number, (message: string) => MirrorError>> = {
  restic: {
    3: (message) => new MirrorError("backup_incomplete", EXIT.incomplete, message, { hint: AGAIN }),
    10: (message) =>
      new UsageError(message, { code: "no_repository", hint: "give --init once to make the repository" }),
    11: (message) =>
      new UpstreamError(message, {
        code: "place_locked",
        hint: "another restic is at work there: try later; if none is, `restic unlock` removes what a dead one left",
      }),
    12: (message) =>
      new RefusedError(message, { code: "wrong_password", hint: "look at RESTIC_PASSWORD or RESTIC_PASSWORD_FILE" }),
    130: (message) => new MirrorError("program_interrupted", EXIT.incomplete, message, { hint: AGAIN }),
  },
  rclone: {
    3: (message) => new UsageError(message, { code: "not_there", hint: "look at the remote's path" }),
    4: (message) => new UsageError(message, { code: "not_there", hint: "look at the remote's path" }),
    8: (message) => new MirrorError("backup_incomplete", EXIT.incomplete, message, { hint: AGAIN }),
    10: (message) => new MirrorError("backup_incomplete", EXIT.incomplete, message, { hint: AGAIN }),
  },
};

/** What a code means where the words do not tell. */
const OTHERWISE: Record<ProgramName, Record<number, (message: string) => MirrorError>> = {
  restic: {},
  rclone: {
    1: (message) =>
      new UsageError(message, { code: "place_not_configured", hint: "look at the remote's name and path" }),
    5: (message) => new UpstreamError(message, { code: "place_unreachable", hint: AGAIN }),
    7: (message) => new RefusedError(message, { code: "place_refused", hint: "look at the account at the remote" }),
  },
};

/** The error for a program that did not end with 0: an unknown code is a failure like any other. */
export function programFailure({ name, env }: Program, doing: string, end: ProgramEnd): MirrorError {
  const said = spoken(end.tail).map((line) => hideSecrets(line, env));
  const how = end.endedBy === undefined ? `exit ${end.exitCode ?? "unknown"}` : `ended by ${end.endedBy}`;
  const quoted = safeLine(said.slice(-3).join(" | ")).slice(-SHOWN);
  const message = `${name} ${doing} failed (${how})${quoted === "" ? "" : `: ${quoted}`}`;
  const code = end.exitCode ?? -1;
  return (
    CODES[name][code]?.(message) ??
    errorOfWords(said.join("\n"), message) ??
    OTHERWISE[name][code]?.(message) ??
    new MirrorError("program_failed", EXIT.unexpected, message, { hint: `try \`${name} ${doing}\` by hand` })
  );
}

/** True for a restore that went through to its end and counted the files that failed, whatever kept them. */
export function endedCounting({ exitCode, tail }: ProgramEnd): boolean {
  return exitCode === 1 && /^Fatal: There were \d+ errors/.test(tail.at(-1) ?? "");
}

/** True for restic's line about a file that failed for another reason than damage: the network, the disk, the account. */
export function isObstacle(line: string): boolean {
  if (!line.startsWith("ignoring error for ")) return false;
  const code = errorOfWords(line, "")?.code;
  return code !== undefined && code !== "place_damaged";
}

/** Lines without time and level, and without what is no complaint. */
function spoken(tail: string[]): string[] {
  const lines = tail.map(messageOf).filter((line) => line !== "" && !/^(NOTICE|INFO|DEBUG)\b/.test(line));
  const fatal = lines.findIndex((line) => line.startsWith("Fatal:"));
  return fatal === -1 ? lines : lines.slice(fatal);
}

function messageOf(line: string): string {
  if (!line.startsWith("{")) return line.replace(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d /, "").trim();
  try {
    const { level, msg, object, error } = JSON.parse(line) as Record<string, unknown>;
    if (level === "warning" || level === "info" || level === "debug" || level === "notice") return "";
    const text = typeof msg === "string" ? msg : resticError(error);
    return `${typeof object === "string" ? `${object}: ` : ""}${text}`.replaceAll("\n", " ").trim();
  } catch {
    return line;
  }
}

/** `{"message_type":"error","error":{"message":"…"},"item":"…"}` as restic --json complains. */
function resticError(error: unknown): string {
  const { message } = (error ?? {}) as { message?: unknown };
  return typeof message === "string" ? message : "";
}
