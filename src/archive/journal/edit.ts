import { chmodSync, closeSync, fsyncSync, openSync, readSync, renameSync } from "node:fs";
import { join } from "node:path";
import { writeAllSync } from "../../lib/files/durable-files.ts";
import { flushFolderSync } from "../../lib/files/flush.ts";
import { toStorageError } from "../../lib/files/storage-errors.ts";
import type { JournalEntry } from "./journal.ts";

/** A line of the journal. Lines of a file are counted from 1; 0 means before the first line. */
export type JournalPosition = { file: string; line: number };

export type JournalEdits = {
  /** Lines to move out of the journal into `<file>.bad`. */
  quarantine: JournalPosition[];
  /** Entries to insert after a line. Read only when they are written, since texts of documents are long. */
  insertAfter: (JournalPosition & { entries(): JournalEntry[] })[];
};

const CHUNK_BYTES = 1 << 20;
const LF = 0x0a;

/**
 * Removes lines from the journal and inserts others. Each file is rewritten beside, flushed and renamed: a crash leaves
 * the old file or the new one. Nobody else may append at the same time. Throws DiskError.
 */
export function editJournal(home: string, { quarantine, insertAfter }: JournalEdits): void {
  const folder = join(home, "journal");
  for (const file of new Set([...quarantine, ...insertAfter].map((position) => position.file))) {
    const bad = new Set(quarantine.filter((position) => position.file === file).map(({ line }) => line));
    const inserted = Map.groupBy(
      insertAfter.filter((position) => position.file === file),
      ({ line }) => line,
    );
    const path = join(folder, file);
    try {
      writeEdited(path, bad, (line) => (inserted.get(line) ?? []).flatMap(({ entries }) => entries()));
      renameSync(`${path}.new`, path);
      flushFolderSync(folder);
    } catch (error) {
      throw toStorageError(error, path);
    }
  }
}

/** Copies bytes unchanged: a damaged line need not be text. */
function writeEdited(path: string, bad: Set<number>, entriesAfter: (line: number) => JournalEntry[]): void {
  const source = openSync(path, "r");
  const edited = create(`${path}.new`, "w");
  const quarantined = bad.size > 0 ? create(`${path}.bad`, "a") : undefined;
  const insert = (line: number) => writeAllSync(edited, Buffer.from(entriesAfter(line).map(toLine).join("")));
  try {
    insert(0);
    const chunk = Buffer.alloc(CHUNK_BYTES);
    let line = 1;
    let isOpen = false;
    for (let size; (size = readSync(source, chunk, 0, CHUNK_BYTES, null)) > 0;)
      for (let from = 0; from < size;) {
        const end = chunk.subarray(0, size).indexOf(LF, from);
        const until = end === -1 ? size : end + 1;
        writeAllSync(bad.has(line) ? (quarantined ?? edited) : edited, chunk.subarray(from, until));
        from = until;
        isOpen = end === -1;
        if (!isOpen) insert(line++);
      }
    if (isOpen && entriesAfter(line).length > 0) {
      writeAllSync(edited, Buffer.from([LF]));
      insert(line);
    }
    for (const file of [edited, quarantined]) if (file !== undefined) fsyncSync(file);
  } finally {
    for (const file of [source, edited, quarantined]) if (file !== undefined) closeSync(file);
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
