import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { toStorageError } from "../../lib/files/storage-errors.ts";
import type { JournalEntry } from "./journal.ts";

/** A line that was read: its `entry`, or what is wrong with it. `line` counts from 1. */
export type JournalLine = { file: string; line: number } & (
  | { entry: JournalEntry }
  /** An entry type that only a newer program knows. */
  | { unknown: string }
  /** Not JSON, or an incomplete entry; `broken` says why. `torn`: the last line of its file, or cut off by a crash. */
  | { broken: string; torn: boolean }
);

const CHUNK_BYTES = 1 << 20;
const LF = "\n";

/** Every line of the journal in the order of writing; reads a megabyte at a time. Throws DiskError. */
export function* readJournal(home: string): Generator<JournalLine> {
  for (const file of journalFiles(home)) yield* readFile(join(home, "journal", file), file);
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

function* readFile(path: string, file: string): Generator<JournalLine> {
  let line = 0;
  for (const { text, ended } of readLines(path)) {
    line++;
    if (text !== "") yield { file, line, ...parseLine(text, ended) };
  }
}

function parseLine(text: string, ended: boolean) {
  const value = parse(text);
  if (value === undefined) return { broken: "it is not JSON", torn: !ended || isCutOff(text) };
  if (!isObject(value) || typeof value["type"] !== "string") return { broken: "it has no type", torn: false };
  const fields = FIELDS[value["type"]];
  if (!fields) return { unknown: value["type"] };
  const invalid = Object.entries(fields).filter(([name, test]) => !test(value[name]));
  if (invalid.length > 0) return { broken: `its ${invalid.map(([name]) => name).join(", ")} cannot be`, torn: false };
  return { entry: value as JournalEntry };
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

/** The lines of one file; `ended` is false for a last line without a line break. */
export function* readLines(path: string): Generator<{ text: string; ended: boolean }> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for (const chunk of readFileChunks(path)) {
    const lines = (rest + decoder.write(chunk)).split(LF);
    rest = lines.pop() ?? "";
    for (const text of lines) yield { text, ended: true };
  }
  rest += decoder.end();
  if (rest !== "") yield { text: rest, ended: false };
}

function* readFileChunks(path: string): Generator<Buffer> {
  const file = open(path);
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (let read; (read = readSync(file, chunk, 0, CHUNK_BYTES, null)) > 0;) yield chunk.subarray(0, read);
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
