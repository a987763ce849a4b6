import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, type Stats } from "node:fs";
import { basename } from "node:path";
import { UsageError } from "../../lib/errors.ts";
import { toStorageError } from "../../lib/files/storage-errors.ts";

const MOST_BYTES = 1_000_000;
const NAME = /^[a-z0-9_-]{1,64}\.sql$/;

/** Why what lies at `place` is no kept query, without reading it; undefined when it is one. Throws DiskError. */
export function queryFileProblem(place: string): string | undefined {
  if (!NAME.test(basename(place))) return "its name is not of a-z, 0-9, _ and -";
  try {
    const entry = lstatSync(place, { throwIfNoEntry: false });
    return entry ? entryProblem(entry) : "it is not there any more";
  } catch (error) {
    throw toStorageError(error, place);
  }
}

/** The text of a kept query. Throws UsageError that says why it is none, DiskError. */
export function readQueryFile(place: string): string {
  return decode(readBytes(place), place);
}

function readBytes(place: string): Buffer {
  try {
    refuse(place, queryFileProblem(place));
    // It may have become something else since: a FIFO must not be waited for.
    const file = openSync(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      refuse(place, entryProblem(fstatSync(file)));
      return readFileSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw toStorageError(error, place);
  }
}

/** What a query in another encoding would ask for is not what its owner wrote. */
function decode(bytes: Buffer, place: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UsageError(`${place} is no query: its text is not UTF-8`, { code: "bad_query_file", cause });
  }
}

function refuse(place: string, why: string | undefined): void {
  if (why !== undefined) throw new UsageError(`${place} is no query: ${why}`, { code: "bad_query_file" });
}

function entryProblem(entry: Stats): string | undefined {
  if (entry.isSymbolicLink()) return "a symlink is not followed";
  if (entry.isDirectory()) return "it is a folder";
  if (!entry.isFile()) return "it is not a regular file";
  return entry.size > MOST_BYTES ? `it has ${entry.size} bytes, more than a million` : undefined;
}
