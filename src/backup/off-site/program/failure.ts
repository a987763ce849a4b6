import { EXIT, MirrorError } from "../../../lib/errors.ts";
import { safeLine } from "../../../lib/text/terminal-safe.ts";
import { hideSecrets } from "./environment.ts";
import type { Program, ProgramName } from "./find-program.ts";
import { failureOfCode, failureOfOutput } from "./known-failures.ts";
import type { ProgramEnd } from "./run-program.ts";

const MAX_QUOTED = 400;

type ByExitCode = Record<ProgramName, Record<number, string>>;

/** Exit codes with one meaning, whatever is on stderr (restic: doc/075_scripting.rst; rclone: docs.md, Exit code). */
const CERTAIN: ByExitCode = {
  restic: {
    3: "backup_incomplete",
    10: "no_repository",
    11: "place_locked",
    12: "wrong_password",
    130: "program_interrupted",
  },
  rclone: { 3: "not_there", 4: "not_there", 8: "backup_incomplete", 10: "backup_incomplete" },
};

/** What an exit code means when the output is unknown: restic before 0.17 exits with 1 for nearly everything, and rclone often does. */
const FALLBACK: ByExitCode = {
  restic: {},
  rclone: { 1: "place_not_configured", 5: "place_unreachable", 7: "place_refused" },
};

/** The error for a program that did not exit with 0: an unknown code is a failure like any other. */
export function programFailure({ name, env }: Program, command: string, end: ProgramEnd): MirrorError {
  const lines = errorLines(end.tail).map((line) => hideSecrets(line, env));
  const how = end.endedBy === undefined ? `exit ${end.exitCode ?? "unknown"}` : `ended by ${end.endedBy}`;
  const quoted = safeLine(lines.slice(-3).join(" | ")).slice(-MAX_QUOTED);
  const message = `${name} ${command} failed (${how})${quoted === "" ? "" : `: ${quoted}`}`;
  const exitCode = end.exitCode ?? -1;
  return (
    failureOfCode(CERTAIN[name][exitCode], message) ??
    failureOfOutput(lines.join("\n"), message) ??
    failureOfCode(FALLBACK[name][exitCode], message) ??
    new MirrorError("program_failed", EXIT.unexpected, message, { hint: `try \`${name} ${command}\` by hand` })
  );
}

/** True for a restore that ran to its end and counted the files that failed, for whatever reason. */
export function finishedWithErrors({ exitCode, tail }: ProgramEnd): boolean {
  return exitCode === 1 && /^Fatal: There were \d+ errors/.test(tail.at(-1) ?? "");
}

/** True for restic's line about a file that failed for another reason than damage: the network, the disk, the account. */
export function isAccessFailure(line: string): boolean {
  if (!line.startsWith("ignoring error for ")) return false;
  const code = failureOfOutput(line, "")?.code;
  return code !== undefined && code !== "place_damaged";
}

/** The messages of errors, without time and level; from `Fatal:` on where there is such a line. */
function errorLines(tail: string[]): string[] {
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

/** restic --json prints errors as `{"message_type":"error","error":{"message":"…"},"item":"…"}`. */
function resticError(error: unknown): string {
  const { message } = (error ?? {}) as { message?: unknown };
  return typeof message === "string" ? message : "";
}
