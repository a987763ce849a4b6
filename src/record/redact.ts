import { text } from "./leaves.ts";

/** Keys whose texts identify a record or clip and give its state; every other text is blanked. */
const KEPT_KEYS = /^(id|.*_ids?|type|action|model|state|status|kind|seed|code|progress|duration|.*_at|.*_url)$/;

/**
 * The document of a task without the texts of what is purged: every string becomes `""` but ids, states, models, dates
 * and the addresses of files, by which the rules still read the state. `only`: clips whose entries alone are blanked, with
 * the rest left as it is; undefined blanks the whole document, its callback too. Numbers keep their characters.
 */
export function redactDocument(document: string, taskId: string, only: string[] | undefined): string {
  const value = parseExactly(document);
  if (only === undefined) return JSON.stringify(blank(value));
  const ids = new Set(only);
  const redacted = JSON.stringify(blankNameless(blankClips(value, ids), taskId, ids));
  return redacted === JSON.stringify(value) ? document : redacted;
}

/** A clip without an id of its own is known by its position: `<task id>_0`. */
function blankNameless(value: unknown, taskId: string, ids: Set<string>): unknown {
  if (!isPlainObject(value)) return value;
  const { response } = value;
  if (isPlainObject(response)) return { ...value, response: blankNameless(response, taskId, ids) };
  const { data } = value;
  if (!Array.isArray(data)) return value;
  const isPurged = (clip: unknown, position: number) =>
    isPlainObject(clip) && !idOf(clip) && ids.has(`${taskId}_${position}`);
  return { ...value, data: data.map((clip: unknown, position) => (isPurged(clip, position) ? blank(clip) : clip)) };
}

/** Clips may be anywhere in the document; each is known by its id. */
function blankClips(value: unknown, ids: Set<string>): unknown {
  if (Array.isArray(value)) return value.map((entry) => blankClips(entry, ids));
  if (!isPlainObject(value)) return value;
  const id = idOf(value);
  if (id !== null && ids.has(id)) return blank(value);
  return mapValues(value, (entry) => blankClips(entry, ids));
}

/** The id of a clip, read as its row's was: a number is its digits. */
function idOf({ id }: Record<string, unknown>): string | null {
  return text(typeof id === "object" && id !== null && isRawJson(id) ? JSON.parse(JSON.stringify(id)) : id);
}

function blank(value: unknown, key = ""): unknown {
  if (typeof value === "string") return KEPT_KEYS.test(key) && key !== "callback_url" ? value : "";
  if (Array.isArray(value)) return value.map((entry) => blank(entry, key));
  return isPlainObject(value) ? mapValues(value, blank) : value;
}

function mapValues(value: Record<string, unknown>, change: (entry: unknown, key: string) => unknown) {
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, change(entry, key)]));
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !isRawJson(value);
}

/** `JSON.rawJSON` and the third argument of a reviver: https://tc39.es/proposal-json-parse-with-source/ */
const { parse, rawJSON, isRawJSON } = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(text: string): object;
  isRawJSON(value: unknown): boolean;
};

function parseExactly(document: string): unknown {
  return parse(document, (_key, value, { source }) =>
    typeof value === "number" && source !== undefined ? rawJSON(source) : value,
  );
}

function isRawJson(value: object): boolean {
  return isRawJSON(value);
}
