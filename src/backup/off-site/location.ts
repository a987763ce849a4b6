import { resolve } from "node:path";
import { UsageError } from "../../lib/errors.ts";
import type { Program } from "./program/find-program.ts";

/** Where restic or rclone keeps files: off this machine, or at least outside of the archive. */
export type Location = {
  kind: "restic" | "rclone";
  /** What the program gets: a repository or a remote path. */
  target: string;
  /** How the archive names it: `restic:…` or `rclone:…`, stable, and never a secret. */
  name: string;
};

/** A location with what each run of its program needs; never print it: the environment in it has secrets. */
export type OpenLocation = Location & { program: Program; signal: AbortSignal; idleMs: number };

/** Backends that restic names before a colon; anything else is a folder. */
const RESTIC_BACKENDS = /^(b2|sftp|s3|gs|azure|swift|rest|rclone):/;

/** True for text that names an off-site location rather than a folder. */
export function isOffSite(text: string): boolean {
  return /^(restic|rclone):/.test(text);
}

/**
 * Reads `restic:<repository>` or `rclone:<remote>:<path>`; relative folders become absolute. Throws UsageError for
 * text that a program could read as an option or a command, for passwords inside (locations are stored and printed), and
 * for rclone's connection strings (`:backend,key=value:`), which put secrets and commands into arguments.
 */
export function parseLocation(text: string, cwd: string): Location {
  const [, kind, rest = ""] = /^(restic|rclone):(.*)$/s.exec(text) ?? [];
  if (kind === undefined) throw badLocation(text, "it begins with neither restic: nor rclone:");
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(rest)) throw badLocation(text, "it contains a line break or a control character");
  if (rest === "") throw badLocation(text, "it names nothing");
  if (rest !== rest.trim()) throw badLocation(text, "it begins or ends with a space");
  if (rest.startsWith("-")) throw badLocation(text, "it begins with a dash, as an option does");
  return kind === "restic" ? resticLocation(rest, cwd) : rcloneLocation(rest, cwd);
}

function resticLocation(rest: string, cwd: string): Location {
  const backend = RESTIC_BACKENDS.exec(rest)?.[1];
  if (backend === undefined) return folderRepository(rest, cwd);
  const inner = rest.slice(backend.length + 1);
  refuseOptions(rest, inner);
  refusePassword(inner);
  if (backend === "rclone") refuseConnectionString(inner);
  return { kind: "restic", target: rest, name: `restic:${rest}` };
}

function folderRepository(rest: string, cwd: string): Location {
  const folder = resolve(cwd, rest.replace(/^local:/, ""));
  if (rest !== folder && /^[\w+.-]+:/.test(rest.replace(/^local:/, "")))
    throw badLocation(rest, "it names a backend that restic does not have; a folder begins with / or ./");
  return { kind: "restic", target: `local:${folder}`, name: `restic:${folder}` };
}

function rcloneLocation(rest: string, cwd: string): Location {
  const path = rest.replace(/(?<=[^:/])\/+$/, "");
  if (/^(\.{0,2}\/|\.{1,2}$)/.test(path)) {
    const folder = resolve(cwd, path);
    return { kind: "rclone", target: folder, name: `rclone:${folder}` };
  }
  refuseConnectionString(path);
  return { kind: "rclone", target: path, name: `rclone:${path}` };
}

/** restic starts ssh and rclone with the host or remote as an argument: neither may begin with a dash. */
function refuseOptions(rest: string, inner: string): void {
  if (/^(\/\/)?([^/@]*@)?-/.test(inner))
    throw badLocation(rest, "it names a host that begins with a dash, as an option does");
}

function refusePassword(inner: string): void {
  if (!/\/\/[^/@]*:[^/]*@/.test(inner) && !/^[^/@:]*:[^/@]*@/.test(inner)) return;
  throw new UsageError("the repository's address contains a password; addresses are stored and printed", {
    code: "secret_in_location",
    hint: "give the password in the environment: RESTIC_REST_USERNAME and RESTIC_REST_PASSWORD, AWS_SECRET_ACCESS_KEY, …",
  });
}

/** Only the name of a configured remote: `[\w.+@ -]` is what rclone itself allows in one. */
function refuseConnectionString(remote: string): void {
  if (/^[\w.+@][\w.+@ -]*:/.test(remote)) return;
  throw new UsageError("this is not the name of a configured rclone remote", {
    code: "bad_location",
    hint: "make one with `rclone config` or RCLONE_CONFIG_<NAME>_… variables and give <name>:<path>, or a folder that begins with /; connection strings (:backend,key=value:) are not allowed: they show in the process list and can run commands",
  });
}

function badLocation(text: string, why: string): UsageError {
  const shown = /\/\/[^/]*@/.test(text) ? "this" : JSON.stringify(text.slice(0, 200));
  return new UsageError(`${shown} is not a backup location: ${why}`, {
    code: "bad_location",
    hint: "such as restic:/mnt/disk/repo, restic:sftp:me@host:/repo or rclone:remote:folder",
  });
}
