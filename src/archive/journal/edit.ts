import { chmodSync, closeSync, fsyncSync, openSync, readSync, renameSync } from "node:fs";
import { join } from "node:path";
import { writeAllSync } from "../../lib/files/durable-files.ts";
import { flushFolderSync } from "../../lib/files/flush.ts";
import { toStorageError } from "../../lib/files/storage-errors.ts";
import type { JournalEntry } from "./journal.ts";

/** A line of the journal; the lines of a file count from 1, and 0 is the place before the first. */
export type LinePosition = { file: string; line: number };

export type JournalEdits = {
  /** Lines that are taken out and kept beside, in `<file>.bad`. */
  quarantine: LinePosition[];
  /** What comes behind a line. Asked for when it is written: texts of documents are long. */
  insertAfter: (LinePosition & { entries(): JournalEntry[] })[];
};

const PIECE = 1 << 20;
const LF = 0x0a;

/**
 * Takes lines out of the journal and puts others in. Each file is written anew, flushed, and put in its place at once: a
 * crash leaves the old one or the new one. No one else may append meanwhile. Throws DiskError.
 */
export function editJournal(home: string, { quarantine: aside, insertAfter: behind }: JournalEdits): void {
  const folder = join(home, "journal");
  for (const file of new Set([...aside, ...behind].map((place) => place.file))) {
    const lines = new Set(aside.filter((place) => place.file === file).map(({ line }) => line));
    const added = Map.groupBy(
      behind.filter((place) => place.file === file),
      ({ line }) => line,
    );
    const path = join(folder, file);
    try {
      writeAnew(path, lines, (line) => (added.get(line) ?? []).flatMap(({ entries }) => entries()));
      renameSync(`${path}.new`, path);
      flushFolderSync(folder);
    } catch (error) {
      throw toStorageError(error, path);
    }
  }
}

/** Bytes as they are: a damaged line need not be text. */
function writeAnew(path: string, bad: Set<number>, behind: (line: number) => JournalEntry[]): void {
  const source = openSync(path, "r");
  const kept = create(`${path}.new`, "w");
  const aside = bad.size > 0 ? create(`${path}.bad`, "a") : undefined;
  const add = (line: number) => writeAllSync(kept, Buffer.from(behind(line).map(toLine).join("")));
  try {
    add(0);
    const piece = Buffer.alloc(PIECE);
    let line = 1;
    let isOpen = false;
    for (let size; (size = readSync(source, piece, 0, PIECE, null)) > 0;)
      for (let from = 0; from < size;) {
        const end = piece.subarray(0, size).indexOf(LF, from);
        const until = end === -1 ? size : end + 1;
        writeAllSync(bad.has(line) ? (aside ?? kept) : kept, piece.subarray(from, until));
        from = until;
        isOpen = end === -1;
        if (!isOpen) add(line++);
      }
    if (isOpen && behind(line).length > 0) {
      writeAllSync(kept, Buffer.from([LF]));
      add(line);
    }
    for (const file of [kept, aside]) if (file !== undefined) fsyncSync(file);
  } finally {
    for (const file of [source, kept, aside]) if (file !== undefined) closeSync(file);
  }
}

function toLine(entry: JournalEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

function create(path: string, flag: "w" | "a"): number {
  const file = openSync(path, flag, 0o600);
  chmodSync(path, 0o600);
  return file;
}
