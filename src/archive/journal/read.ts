import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { toStorageError } from "../../lib/files/storage-errors.ts";
import type { JournalEntry } from "./journal.ts";

/** A line as it was read: `entry`, or what is wrong with it. `line` counts from 1. */
export type JournalLine = { file: string; line: number } & (
  | { entry: JournalEntry }
  /** Of a kind that a newer program writes. */
  | { unknown: string }
  /** No JSON, or not the whole of an entry. `torn`: the last of its file, or cut by a crash. */
  | { broken: string; torn: boolean }
);

const PIECE = 1 << 20;
const LF = "\n";

/** Every line of the journal in the order in which it was written, a megabyte at a time. Throws DiskError. */
export function* readJournal(home: string): Generator<JournalLine> {
  for (const file of journalFiles(home)) yield* readFile(join(home, "journal", file), file);
}

/** The files of the journal, oldest first; none where there is no journal. */
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

function* readFile(path: string, file: string): Generator<JournalLine> {
  let line = 0;
  for (const { text, ended } of readLines(path)) {
    line++;
    if (text !== "") yield { file, line, ...read(text, ended) };
  }
}

function read(text: string, ended: boolean) {
  const value = parse(text);
  if (value === undefined) return { broken: "it is no JSON", torn: !ended || isBeginning(text) };
  if (!isObject(value) || typeof value["type"] !== "string") return { broken: "it has no type", torn: false };
  const fields = FIELDS[value["type"]];
  if (!fields) return { unknown: value["type"] };
  const lacking = Object.entries(fields).filter(([name, test]) => !test(value[name]));
  if (lacking.length > 0) return { broken: `its ${lacking.map(([name]) => name).join(", ")} cannot be`, torn: false };
  return { entry: value as JournalEntry };
}

type Test = (value: unknown) => boolean;
const isText: Test = (value) => typeof value === "string";
const isTime: Test = (value) => Number.isSafeInteger(value);
const isTextOrNull: Test = (value) => value === null || isText(value);
/** Inside of the assets folder, in a folder of two characters. */
const isPath: Test = (value) => typeof value === "string" && /^[0-9a-z-]{2}\/[\w.-]+$/.test(value);
const isTexts: Test = (value) => Array.isArray(value) && value.every(isText);

/** What an entry of each type must hold to be used. */
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
 * A kill leaves the beginning of a line, and the next writer ends it and begins its own: its JSON is right up to its end,
 * and only there wants more. In a line that was damaged the fault lies before.
 */
function isBeginning(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    const { message } = error as Error;
    const [, position] = / at position (\d+)/.exec(message) ?? [];
    return text.startsWith("{") && (message.startsWith("Unexpected end") || Number(position) >= text.length);
  }
}

/** The lines of one file; the last may not be ended. */
export function* readLines(path: string): Generator<{ text: string; ended: boolean }> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for (const piece of readPieces(path)) {
    const lines = (rest + decoder.write(piece)).split(LF);
    rest = lines.pop() ?? "";
    for (const text of lines) yield { text, ended: true };
  }
  rest += decoder.end();
  if (rest !== "") yield { text: rest, ended: false };
}

function* readPieces(path: string): Generator<Buffer> {
  const file = open(path);
  try {
    const piece = Buffer.alloc(PIECE);
    for (let read; (read = readSync(file, piece, 0, PIECE, null)) > 0;) yield piece.subarray(0, read);
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
