import { closeSync, fsyncSync, openSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { Database } from "../../db/connection.ts";
import { setModeSync } from "../../lib/files/disk-limits.ts";
import { writeAllSync } from "../../lib/files/durable-files.ts";
import { flushFolderSync } from "../../lib/files/flush.ts";
import { toStorageError } from "../../lib/files/storage-errors.ts";
import { nextDigest, readHeld, saveHeld } from "./held.ts";
import { journalPath, readLines } from "./read.ts";

/** Returns what a line (without its line break) is from now on: the same text to leave it, "" to blank it. */
export type LineEdit = (text: string, at: { file: string; line: number }) => string;

/**
 * Changes lines of the journal. Each file is written again beside it, flushed and renamed: a kill leaves the old file or the
 * new one, whole. A changed line is filled up with spaces to its former length, so that what the database knows of the
 * file's size stays true at every moment. Lines that are not changed keep their bytes. Call it inside a write transaction,
 * with every line of the journal in the database. With `keep`, the lines as they were are first appended to files of that
 * ending, byte for byte. Throws DiskError.
 */
export function rewriteJournal(home: string, db: Database, edit: LineEdit, keep?: string): void {
  for (const held of readHeld(db)) {
    const path = journalPath(home, held.name);
    const change = (text: Buffer, line: number): Buffer => {
      const before = text.toString("utf8");
      const after = edit(before, { file: held.name, line });
      return after === before ? text : padded(after === "" ? blankLine(before) : after, text.length);
    };
    try {
      if (!isChanged(path, change)) continue;
      if (keep !== undefined) keepChanged(path, `${path}${keep}`, change);
      const { bytes, digest } = writeChanged(path, change);
      renameSync(`${path}.new`, path);
      flushFolderSync(join(home, "journal"));
      saveHeld(db, [{ ...held, bytes, digest }]);
    } catch (error) {
      throw toStorageError(error, path);
    }
  }
}

type Change = (text: Buffer, line: number) => Buffer;

function isChanged(path: string, change: Change): boolean {
  let line = 0;
  for (const { text } of readLines(path)) if (change(text, ++line) !== text) return true;
  return false;
}

function keepChanged(path: string, to: string, change: Change): void {
  const file = openSync(to, "a", 0o600);
  let line = 0;
  try {
    setModeSync(to, 0o600);
    for (const { text } of readLines(path))
      if (change(text, ++line) !== text) writeAllSync(file, Buffer.concat([text, Buffer.from("\n")]));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function writeChanged(path: string, change: Change): { bytes: number; digest: string } {
  const file = openSync(`${path}.new`, "w", 0o600);
  let [line, bytes, digest] = [0, 0, ""];
  try {
    setModeSync(`${path}.new`, 0o600);
    for (const { text, ended } of readLines(path)) {
      const after = change(text, ++line);
      writeAllSync(file, ended ? Buffer.concat([after, Buffer.from("\n")]) : after);
      bytes += after.length + (ended ? 1 : 0);
      digest = nextDigest(digest, after);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return { bytes, digest };
}

/** A line that says nothing but the number of its change, so that this one is not missed. */
function blankLine(text: string): string {
  const seq = seqOf(text);
  return seq === undefined ? "" : JSON.stringify({ type: "blank", seq });
}

function seqOf(text: string): number | undefined {
  try {
    const { seq } = JSON.parse(text) as { seq?: unknown };
    return typeof seq === "number" ? seq : undefined;
  } catch {
    return undefined;
  }
}

function padded(text: string, length: number): Buffer {
  const bytes = Buffer.from(text);
  return bytes.length >= length ? bytes : Buffer.concat([bytes, Buffer.alloc(length - bytes.length, " ")]);
}
