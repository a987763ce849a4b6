import { chmodSync, closeSync, fsyncSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { toStorageError } from "../lib/storage-errors.ts";

/** One line of the journal: everything from which the database can be made again. Times are milliseconds UTC. */
export type JournalEntry =
  | {
      type: "document";
      at: number;
      service: string;
      taskId: string;
      kind: "record" | "result";
      sha256: string;
      document: string;
    }
  | { type: "track"; at: number; service: string; source: string; taskIds: string[] }
  | { type: "untrack"; at: number; taskIds: string[] };

export type Journal = { append(entries: JournalEntry[], at: number): void };

/**
 * The archive's journal, `<home>/journal/YYYY-MM.ndjson`. `append` returns when the lines are on the disk; it is called
 * before the commit of what it tells. Repeated lines and a torn last line are harmless. Throws DiskError.
 */
export function openJournal(home: string): Journal {
  const folder = join(home, "journal");
  return {
    append(entries, at) {
      if (entries.length === 0) return;
      const path = join(folder, `${new Date(at).toISOString().slice(0, 7)}.ndjson`);
      try {
        if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) syncFolder(home);
        appendDurably(path, folder, `${entries.map((entry) => JSON.stringify(entry)).join("\n")}\n`);
      } catch (error) {
        throw toStorageError(error, path);
      }
    },
  };
}

function appendDurably(path: string, folder: string, text: string): void {
  const file = openSync(path, "a+", 0o600);
  try {
    const size = fstatSync(file).size;
    if (size === 0) chmodSync(path, 0o600);
    writeAll(file, Buffer.from(isTorn(file, size) ? `\n${text}` : text));
    fsyncSync(file);
    if (size === 0) syncFolder(folder);
  } finally {
    closeSync(file);
  }
}

/** A kill or a full disk may have left half a line: the next one begins on its own. */
function isTorn(file: number, size: number): boolean {
  const last = Buffer.alloc(1);
  return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
}

function writeAll(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
}

function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
