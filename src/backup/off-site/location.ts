import { resolve } from "node:path";
import { UsageError } from "../../lib/errors.ts";

/** A place off this machine, or at least outside of the archive, that one of two programs keeps files in. */
export type Place = {
  program: "restic" | "rclone";
  /** What the program is given: a repository or a remote path. */
  target: string;
  /** How the archive names it: `restic:…` or `rclone:…`, stable, and never a secret. */
  location: string;
};

/** Backends that restic names before a colon; anything else is a folder. */
const RESTIC_BACKENDS = /^(b2|sftp|s3|gs|azure|swift|rest|rclone):/;

/** True for text that names a place rather than a folder. */
export function namesPlace(text: string): boolean {
  return /^(restic|rclone):/.test(text);
}

/**
 * Reads `restic:<repository>` or `rclone:<remote>:<path>`; folders among them become absolute. Throws UsageError for
 * what a program could take for an option or a command, for passwords inside (locations are stored and printed), and
 * for rclone's connection strings (`:backend,key=value:`), which put secrets and commands into arguments.
 */
export function parsePlace(text: string, cwd: string): Place {
  const [, program, rest = ""] = /^(restic|rclone):(.*)$/s.exec(text) ?? [];
  if (program === undefined) throw bad(text, "begins with neither restic: nor rclone:");
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(rest)) throw bad(text, "holds a line break or a control character");
  if (rest === "" || rest !== rest.trim()) throw bad(text, rest === "" ? "names nothing" : "has blanks around it");
  if (rest.startsWith("-")) throw bad(text, "begins with a dash, as an option does");
  return program === "restic" ? resticPlace(rest, cwd) : rclonePlace(rest, cwd);
}

function resticPlace(rest: string, cwd: string): Place {
  const backend = RESTIC_BACKENDS.exec(rest)?.[1];
  if (backend === undefined) return folderRepository(rest, cwd);
  const inner = rest.slice(backend.length + 1);
  refuseOptions(rest, inner);
  refusePassword(inner);
  if (backend === "rclone") refuseConnectionString(inner);
  return { program: "restic", target: rest, location: `restic:${rest}` };
}

function folderRepository(rest: string, cwd: string): Place {
  const folder = resolve(cwd, rest.replace(/^local:/, ""));
  if (rest !== folder && /^[\w+.-]+:/.test(rest.replace(/^local:/, "")))
    throw bad(rest, "names a backend that restic does not have; a folder begins with / or ./");
  return { program: "restic", target: `local:${folder}`, location: `restic:${folder}` };
}

function rclonePlace(rest: string, cwd: string): Place {
  const path = rest.replace(/(?<=[^:/])\/+$/, "");
  if (/^(\.{0,2}\/|\.{1,2}$)/.test(path)) {
    const folder = resolve(cwd, path);
    return { program: "rclone", target: folder, location: `rclone:${folder}` };
  }
  refuseConnectionString(path);
  return { program: "rclone", target: path, location: `rclone:${path}` };
}

/** ssh and rclone are started by restic with the host or remote as an argument: neither may begin with a dash. */
function refuseOptions(rest: string, inner: string): void {
  if (/^(\/\/)?([^/@]*@)?-/.test(inner)) throw bad(rest, "names a host that begins with a dash, as an option does");
}

function refusePassword(inner: string): void {
  if (!/\/\/[^/@]*:[^/]*@/.test(inner) && !/^[^/@:]*:[^/@]*@/.test(inner)) return;
  throw new UsageError("the repository's address holds a password; addresses are stored and printed", {
    code: "secret_in_location",
    hint: "give the password in the environment: RESTIC_REST_USERNAME and RESTIC_REST_PASSWORD, AWS_SECRET_ACCESS_KEY, …",
  });
}

/** Only the name of a remote that is configured: `[\w.+@ -]` is what rclone itself takes in one. */
function refuseConnectionString(remote: string): void {
  if (/^[\w.+@][\w.+@ -]*:/.test(remote)) return;
  throw new UsageError("this is not the name of a configured rclone remote", {
    code: "bad_location",
    hint: "make one with `rclone config` or RCLONE_CONFIG_<NAME>_… variables and give <name>:<path>, or a folder that begins with /; connection strings (:backend,key=value:) are not taken: what is in them shows in the process list and can run commands",
  });
}

function bad(text: string, why: string): UsageError {
  const shown = /\/\/[^/]*@/.test(text) ? "the place" : JSON.stringify(text.slice(0, 200));
  return new UsageError(`${shown} is no place for a backup: it ${why}`, {
    code: "bad_location",
    hint: "such as restic:/mnt/disk/repo, restic:sftp:me@host:/repo or rclone:remote:folder",
  });
}
