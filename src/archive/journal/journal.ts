import { chmodSync, closeSync, fsyncSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { makeFolders } from "../../lib/files/make-folders.ts";
import type { StoredFacts } from "../stored-facts.ts";
import { writeAllSync } from "../../lib/files/durable-files.ts";
import { flushFolderSync } from "../../lib/files/flush.ts";
import { toStorageError } from "../../lib/files/storage-errors.ts";

/** One line of the journal: everything needed to rebuild the database. Times are milliseconds UTC. */
export type JournalEntry =
  | { type: "archive"; at: number; archiveId: string; createdAt: string; kind: string }
  | {
      type: "document";
      at: number;
      service: string;
      taskId: string;
      kind: "record" | "result";
      sha256: string;
      document: string;
      /** Only present for an additional copy in one response, which is saved as a version and never becomes current. */
      stands?: false;
    }
  | ({ type: "stored"; at: number; taskId: string; clipId: string | null; kind: string } & StoredFacts)
  | { type: "remove" | "keep" | "purge"; at: number; clipIds: string[] }
  | { type: "tag"; at: number; clipIds: string[]; added: string[]; removed: string[] }
  | { type: "track"; at: number; service: string; source: string; taskIds: string[] }
  | { type: "untrack"; at: number; taskIds: string[] };

export type DocumentEntry = Extract<JournalEntry, { type: "document" }>;

/** False for a document that is only a further version: it never becomes the current one of its task. */
export function isPrimary({ stands }: DocumentEntry): boolean {
  return stands !== false;
}

export type Journal = {
  /** Appends lines and returns when they are on the disk. Throws DiskError. */
  append(entries: JournalEntry[], at: number): void;
  /** Appends lines without waiting for the disk, for facts that can also be read from the files themselves. */
  appendUnflushed(entries: JournalEntry[], at: number): void;
};

/**
 * The archive's journal, `<home>/journal/YYYY-MM.ndjson`. A line is written before the change that it describes is
 * committed. Repeated lines and a torn last line are harmless.
 */
export function openJournal(home: string): Journal {
  const folder = join(home, "journal");
  const add = (entries: JournalEntry[], at: number, durable: boolean) => {
    if (entries.length === 0) return;
    const path = join(folder, `${new Date(at).toISOString().slice(0, 7)}.ndjson`);
    try {
      if (makeFolders(folder) !== undefined) flushFolderSync(home);
      appendTo(path, folder, `${entries.map((entry) => JSON.stringify(entry)).join("\n")}\n`, durable);
    } catch (error) {
      throw toStorageError(error, path);
    }
  };
  return { append: (entries, at) => add(entries, at, true), appendUnflushed: (entries, at) => add(entries, at, false) };
}

function appendTo(path: string, folder: string, text: string, durable: boolean): void {
  const file = openSync(path, "a+", 0o600);
  try {
    const size = fstatSync(file).size;
    if (size === 0) chmodSync(path, 0o600);
    writeAllSync(file, Buffer.from(isTorn(file, size) ? `\n${text}` : text));
    if (durable) fsyncSync(file);
    if (size === 0) flushFolderSync(folder);
  } finally {
    closeSync(file);
  }
}

/** A kill or a full disk may have left half a line: the next line must start on a new one. */
function isTorn(file: number, size: number): boolean {
  const last = Buffer.alloc(1);
  return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
}
