import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, type Stats } from "node:fs";
import { basename } from "node:path";
import { UsageError } from "../../lib/errors.ts";
import { toStorageError } from "../../lib/files/storage-errors.ts";

const MAX_BYTES = 1_000_000;
const NAME = /^[a-z0-9_-]{1,64}\.sql$/;

/** Why the file at `path` is not a saved query, without reading it; undefined when it is one. Throws DiskError. */
export function queryFileProblem(path: string): string | undefined {
  if (!NAME.test(basename(path))) return "its name is not of a-z, 0-9, _ and -";
  try {
    const entry = lstatSync(path, { throwIfNoEntry: false });
    return entry ? entryProblem(entry) : "it no longer exists";
  } catch (error) {
    throw toStorageError(error, path);
  }
}

/** The text of a saved query. Throws UsageError, which says why the file is not one, or DiskError. */
export function readQueryFile(path: string): string {
  return decode(readBytes(path), path);
}

function readBytes(path: string): Buffer {
  try {
    refuse(path, queryFileProblem(path));
    // The path may be something else by now: a FIFO must not be waited for.
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      refuse(path, entryProblem(fstatSync(file)));
      return readFileSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw toStorageError(error, path);
  }
}

/** A query in another encoding would not be what the user wrote. */
function decode(bytes: Buffer, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UsageError(`${path} is not a query: its text is not UTF-8`, { code: "bad_query_file", cause });
  }
}

function refuse(path: string, why: string | undefined): void {
  if (why !== undefined) throw new UsageError(`${path} is not a query: ${why}`, { code: "bad_query_file" });
}

function entryProblem(entry: Stats): string | undefined {
  if (entry.isSymbolicLink()) return "a symlink is not followed";
  if (entry.isDirectory()) return "it is a folder";
  if (!entry.isFile()) return "it is not a regular file";
  return entry.size > MAX_BYTES ? `it has ${entry.size} bytes, more than a million` : undefined;
}
