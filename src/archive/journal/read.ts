import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { toStorageError } from "../../lib/files/storage-errors.ts";
import type { JournalFileRow } from "../../db/schema.ts";
import { nextDigest, nothingOf, type Held } from "./held.ts";
import { parseLine, type ParsedLine } from "./parse-line.ts";

/** A line that was read, and what it says. */
export type JournalLine = ParsedLine & {
  /** Its file up to this line, the line included. */
  upTo: JournalFileRow;
};

const CHUNK_BYTES = 1 << 20;
const LF = 0x0a;

/**
 * The lines of the journal in the order of writing, after what `from` holds; reads a megabyte at a time. Throws DiskError.
 */
export function* readJournal(home: string, from: Held = []): Generator<JournalLine> {
  for (const name of journalFiles(home))
    yield* readJournalFile(home, from.find((held) => held.name === name) ?? nothingOf(name));
}

/** The lines of one file, after what is held of it. */
export function* readJournalFile(home: string, held: JournalFileRow): Generator<JournalLine> {
  let upTo = held;
  for (const { text, ended } of readLines(journalPath(home, held.name), held.bytes)) {
    const { bytes, lines, digest, seq } = upTo;
    const parsed = parseLine(text.toString("utf8"), ended);
    upTo = {
      name: held.name,
      bytes: bytes + text.length + (ended ? 1 : 0),
      lines: lines + 1,
      digest: nextDigest(digest, text),
      seq: Math.max(seq, parsed.seq ?? 0),
    };
    yield { upTo, ...parsed };
  }
}

/** The first line of a file that says something; undefined when there is none. */
export function firstLine(home: string, name: string): JournalLine | undefined {
  if (!journalFiles(home).includes(name)) return undefined;
  for (const line of readJournalFile(home, nothingOf(name))) if (!("blank" in line)) return line;
  return undefined;
}

export function journalPath(home: string, name: string): string {
  return join(home, "journal", name);
}

/** The names of the journal's files, oldest first; none when there is no journal. */
export function journalFiles(home: string): string[] {
  try {
    return readdirSync(join(home, "journal"))
      .filter((name) => /^\d{4}-\d{2}\.ndjson$/.test(name))
      .toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw toStorageError(error, join(home, "journal"));
  }
}

/** The size of each file of the journal in bytes, oldest first. */
export function journalSizes(home: string): Map<string, number> {
  const sizes = journalFiles(home).map((name): [string, number] => {
    try {
      return [name, statSync(journalPath(home, name)).size];
    } catch (error) {
      throw toStorageError(error, journalPath(home, name));
    }
  });
  return new Map(sizes);
}

/** The lines of one file from a byte position on; `ended` is false for a last line without a line break. */
export function* readLines(path: string, from = 0): Generator<{ text: Buffer; ended: boolean }> {
  let rest: Buffer[] = [];
  for (const chunk of readFileChunks(path, from)) {
    let start = 0;
    for (let end; (end = chunk.indexOf(LF, start)) !== -1; start = end + 1) {
      rest.push(chunk.subarray(start, end));
      yield { text: rest.length === 1 ? rest[0]! : Buffer.concat(rest), ended: true };
      rest = [];
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
  if (rest.length > 0) yield { text: Buffer.concat(rest), ended: false };
}

function* readFileChunks(path: string, from: number): Generator<Buffer> {
  const file = open(path);
  try {
    for (let at = from; ;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const size = readSync(file, chunk, 0, CHUNK_BYTES, at);
      if (size === 0) return;
      at += size;
      yield chunk.subarray(0, size);
    }
  } catch (error) {
    throw toStorageError(error, path);
  } finally {
    closeSync(file);
  }
}

function open(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    throw toStorageError(error, path);
  }
}
