import type { JournalEntry } from "./entry.ts";
import { isMarkChange, isPlaylistChange } from "./read-changes.ts";

/** What a line says: its `entry`, or what is wrong with it. */
export type ParsedLine = {
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

/** Reads a line without its line break; `ended` is false for a last line that has none. */
export function parseLine(text: string, ended: boolean): ParsedLine {
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
