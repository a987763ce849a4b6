import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { toStorageError } from "../../lib/files/storage-errors.ts";
import type { JournalFileRow } from "../../db/schema.ts";
import type { JournalEntry } from "./entry.ts";
import { isMarkChange, isPlaylistChange } from "./read-changes.ts";
import { nextDigest, nothingOf, type Held } from "./held.ts";

/** A line that was read: its `entry`, or what is wrong with it. */
export type JournalLine = {
  /** Its file up to this line, the line included. */
  upTo: JournalFileRow;
  /** The number of the change that it belongs to; null in lines of older programs. */
  seq: number | null;
} & (
  | { entry: JournalEntry }
  /** An entry type that only a newer program knows. */
  | { unknown: string }
  /** Nothing: a line that a purge or a rebuild has blanked. */
  | { blank: true }
  /** Not JSON, or an incomplete entry; `broken` says why. `torn`: the last line of its file, or cut off by a crash. */
  | { broken: string; torn: boolean }
);

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

type Parsed = { seq: number | null } & (
  { entry: JournalEntry } | { unknown: string } | { blank: true } | { broken: string; torn: boolean }
);

function parseLine(text: string, ended: boolean): Parsed {
  if (text.trim() === "") return { seq: null, blank: true };
  const value = parse(text);
  if (value === undefined) return { seq: null, broken: "it is not JSON", torn: !ended || isCutOff(text) };
  if (!isObject(value) || typeof value["type"] !== "string")
    return { seq: null, broken: "it has no type", torn: false };
  const seq = isChangeNumber(value["seq"]) ? value["seq"] : null;
  if (value["type"] === "blank") return { seq, blank: true };
  const fields = FIELDS[value["type"]];
  if (!fields) return { seq, unknown: value["type"] };
  const invalid = Object.entries(fields).filter(([name, test]) => !test(value[name]));
  if (invalid.length > 0)
    return { seq, broken: `its ${invalid.map(([name]) => name).join(", ")} cannot be`, torn: false };
  return { seq, entry: value as JournalEntry };
}

/** Far from where numbers lose their last digit. */
function isChangeNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= 2 ** 50;
}

type Test = (value: unknown) => boolean;
const isText: Test = (value) => typeof value === "string";
const isTime: Test = (value) => Number.isSafeInteger(value);
const isTextOrNull: Test = (value) => value === null || isText(value);
/** Relative to the assets folder, in a folder of two characters. */
const isPath: Test = (value) => typeof value === "string" && /^[0-9a-z-]{2}\/[\w.-]+$/.test(value);
const isTexts: Test = (value) => Array.isArray(value) && value.every(isText);

/** The fields that an entry of each type must have. */
const FIELDS: Record<string, Record<string, Test> | undefined> = {
  archive: { at: isTime, archiveId: isText, createdAt: isText, kind: isText },
  document: {
    at: isTime,
    taskId: isText,
    kind: (value) => value === "record" || value === "result",
    sha256: isText,
    document: isText,
  },
  track: { at: isTime, source: isText, taskIds: isTexts },
  remove: { at: isTime, clipIds: isTexts },
  keep: { at: isTime, clipIds: isTexts },
  purge: { at: isTime, clipIds: isTexts },
  tag: { at: isTime, clipIds: isTexts, added: isTexts, removed: isTexts },
  mark: { at: isTime, clipIds: isTexts, change: isMarkChange },
  playlist: { at: isTime, id: isText, change: isPlaylistChange },
  untrack: { at: isTime, taskIds: isTexts },
  stored: {
    at: isTime,
    taskId: isText,
    clipId: isTextOrNull,
    kind: isText,
    path: isPath,
    sha256: isText,
    bytes: isTime,
  },
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Whether a line was cut off by a kill: its JSON is valid up to its end, where more should follow. (The next writer ended
 * it and started a new line.) In a damaged line the error comes earlier.
 */
function isCutOff(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    const { message } = error as Error;
    const [, position] = / at position (\d+)/.exec(message) ?? [];
    return text.startsWith("{") && (message.startsWith("Unexpected end") || Number(position) >= text.length);
  }
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
