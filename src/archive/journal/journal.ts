import { closeSync, fsyncSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import type { Database } from "../../db/connection.ts";
import type { JournalFileRow } from "../../db/schema.ts";
import { setModeSync } from "../../lib/files/disk-limits.ts";
import { writeAllSync } from "../../lib/files/durable-files.ts";
import { flushFolderSync } from "../../lib/files/flush.ts";
import { makeFolders } from "../../lib/files/make-folders.ts";
import { toStorageError } from "../../lib/files/storage-errors.ts";
import { archiveFacts } from "../info.ts";
import { replayLines } from "../replay.ts";
import { write } from "../transaction.ts";
import { compareLines, journalError } from "./check.ts";
import type { Append, Journal, JournalEntry } from "./entry.ts";
import { lastSeq, nextDigest, nothingOf, readHeld, saveHeld, type Held } from "./held.ts";
import { journalPath, journalSizes, readJournal, type JournalLine } from "./read.ts";

export type JournalOptions = {
  home: string;
  db: Database;
  /** Called at the beginning of each change, in its transaction. Throws when the database is no longer the archive's. */
  confirm?: () => void;
};

/**
 * The archive's journal, `<home>/journal/YYYY-MM.ndjson`. All appending goes through here, inside the write transaction of
 * the rows that it tells of, so that lines have one order, that of the commits. A file is only appended to while it is the
 * newest, whatever the clock says. Before a change is made, lines that the database lacks are added to it. Throws
 * DiskError, and IntegrityError when journal and database do not agree.
 */
export function openJournal({ home, db, confirm }: JournalOptions): Journal {
  let current: Append | undefined;
  const asOneChange = <T>(work: (append: Append) => T): T => {
    const seq = lastSeq(readHeld(db)) + 1;
    current = (entries, at) => {
      if (entries.length > 0) appendLines(home, db, entries, at, seq);
    };
    try {
      return work(current);
    } finally {
      current = undefined;
    }
  };
  return {
    write(work) {
      if (current) return work(current);
      if (db.$client.inTransaction) return asOneChange(work);
      return write(db, () => {
        confirm?.();
        addUnsavedLines(home, db);
        return asOneChange(work);
      });
    },
  };
}

/** A journal that records nothing, for lines that are in the journal already. */
export function noJournal(db: Database): Journal {
  return { write: (work) => (db.$client.inTransaction ? work(() => {}) : write(db, () => work(() => {}))) };
}

function appendLines(home: string, db: Database, entries: JournalEntry[], at: number, seq: number): void {
  const newest = readHeld(db).at(-1);
  const month = `${new Date(at).toISOString().slice(0, 7)}.ndjson`;
  const file = newest && newest.name >= month ? newest : nothingOf(month);
  // The first line of each file says whose it is.
  const all = file.bytes === 0 ? [ownLine(db, at), ...entries] : entries;
  const lines = all.map((entry) => Buffer.from(JSON.stringify({ ...entry, seq })));
  const path = journalPath(home, file.name);
  try {
    if (makeFolders(join(home, "journal")) !== undefined) flushFolderSync(home);
    appendTo(path, file.bytes, Buffer.concat(lines.flatMap((line) => [line, LINE_BREAK])));
    if (file.bytes === 0) flushFolderSync(join(home, "journal"));
  } catch (error) {
    throw toStorageError(error, path);
  }
  saveHeld(db, [
    {
      name: file.name,
      bytes: lines.reduce((sum, line) => sum + line.length + 1, file.bytes),
      lines: file.lines + lines.length,
      digest: lines.reduce(nextDigest, file.digest),
      seq,
    },
  ]);
}

const LINE_BREAK = Buffer.from("\n");

function ownLine(db: Database, at: number): JournalEntry {
  const { archive_id: archiveId = "", created_at: createdAt = "", kind = "library" } = archiveFacts(db);
  return { type: "archive", at, archiveId, createdAt, kind };
}

function appendTo(path: string, expected: number, bytes: Buffer): void {
  const file = openSync(path, "a", 0o600);
  try {
    const { size } = fstatSync(file);
    if (size !== expected) throw new Error(`${path} has ${size} bytes, where ${expected} were expected`);
    if (size === 0) setModeSync(path, 0o600);
    writeWhole(file, size, bytes);
  } finally {
    closeSync(file);
  }
}

/** All of it, on the disk, or none: nobody else appends meanwhile, so what a full disk has taken of it is cut off again. */
function writeWhole(file: number, size: number, bytes: Buffer): void {
  try {
    writeAllSync(file, bytes);
    fsyncSync(file);
  } catch (error) {
    try {
      ftruncateSync(file, size);
    } catch {
      // What is left is a line that was cut short: the next writer ends it.
    }
    throw error;
  }
}

/**
 * Adds to the database what its journal has beyond it: a writer was killed between its lines and its commit, a power cut
 * took the last commits, or an older copy of the database was put back. Call it inside a write transaction. Throws
 * IntegrityError when the lines before those are not the ones that the database holds.
 */
export function addUnsavedLines(home: string, db: Database): void {
  const held = readHeld(db);
  const newest = held.at(-1);
  const [name, size] = [...journalSizes(home)].findLast(([, bytes]) => bytes > 0) ?? [];
  if (name === undefined || (name === newest?.name && size === newest.bytes)) return;
  const problem = compareLines(home, db);
  if (problem) throw journalError(home, problem);
  endLastLine(journalPath(home, name));
  const upTo = new Map<string, JournalFileRow>();
  replayLines(db, eachLine(home, held, upTo));
  saveHeld(db, upTo.values());
}

function* eachLine(home: string, held: Held, upTo: Map<string, JournalFileRow>): Generator<JournalLine> {
  const last = lastSeq(held);
  for (const line of readJournal(home, held)) {
    upTo.set(line.upTo.name, line.upTo);
    // A repeated line tells nothing new, and may be older than what came after it.
    if (line.seq === null || line.seq > last) yield line;
  }
}

/** A kill or a full disk may have left half a line: the next line must start on a new one. */
function endLastLine(path: string): void {
  let file: number | undefined;
  try {
    file = openSync(path, "a+");
    const { size } = fstatSync(file);
    const last = Buffer.alloc(1);
    if (size === 0 || readSync(file, last, 0, 1, size - 1) !== 1 || last[0] === 0x0a) return;
    writeAllSync(file, LINE_BREAK);
    fsyncSync(file);
  } catch (error) {
    throw toStorageError(error, path);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
