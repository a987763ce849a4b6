export type PickedIds = {
  /** Distinct task ids in the order found, lower case. */
  ids: string[];
  /** How many ids were repetitions. */
  repeated: number;
  /** Lines (of text or NDJSON) that held no id. */
  useless: number;
  /** Texts in the place of a task id that are none. */
  rejected: { text: string; reason: string }[];
};

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const WHOLE = new RegExp(`^${UUID}$`, "i");
const INSIDE = new RegExp(`(?<![0-9a-z-])${UUID}(?![0-9a-z-]|_[0-9])`, "gi");
/** The scheme is bounded, so that a long line without any URL is read once. */
const LINK = /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s"'<>()[\]{}|,;\\]*/gi;
const KEYED = new RegExp(`"task_id"\\s*:\\s*"(${UUID})"`, "gi");

/** True for a uuid and nothing else. */
export function isTaskId(value: unknown): value is string {
  return typeof value === "string" && WHOLE.test(value);
}

/**
 * Picks task ids out of anything. In JSON (also line by line) only what is a task id there: `task_id`, `id` of an
 * object that has `request` or `response`, `ids`, and bare strings in an array. In other text every uuid, but none
 * inside a URL. JSON that is cut or broken is no other text: most uuids in it are of clips, traces and accounts.
 */
export function pickIds(input: string): PickedIds {
  const found = new Collector();
  const text = input.replace(/^\uFEFF/, "");
  const whole = parseContainer(text);
  if (whole !== undefined) walk(whole, undefined, found);
  else if (isBrokenJson(text)) pickKeyed(text, found);
  else for (const line of text.split(/\r\n|\n|\r/)) pickFromLine(line, found);
  return found.result();
}

/** Checks each word as a task id; other words are rejected with a reason. */
export function checkIds(words: string[]): PickedIds {
  const found = new Collector();
  for (const word of words) found.claim(word.trim());
  return found.result();
}

function pickFromLine(line: string, found: Collector): void {
  if (line.trim() === "") return;
  const before = found.seen;
  const json = parseContainer(line);
  if (json !== undefined) walk(json, undefined, found);
  else if (/^\s*(\{\s*"|\[\s*[{"])/.test(line)) pickKeyed(line, found);
  else for (const [id] of line.replace(LINK, " ").matchAll(INSIDE)) found.add(id);
  if (found.seen === before) found.useless++;
}

/** True for JSON over several lines that does not parse as a whole: its first line is brackets alone. */
function isBrokenJson(text: string): boolean {
  return /^\s*[[{][ \t[{]*[\r\n]\s*["[{]/.test(text);
}

function pickKeyed(text: string, found: Collector): void {
  for (const [, id = ""] of text.matchAll(KEYED)) found.add(id);
}

function walk(root: unknown, rootKey: string | undefined, found: Collector): void {
  const open: { value: unknown; key: string | undefined }[] = [{ value: root, key: rootKey }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, key } = next;
    if (Array.isArray(value)) open.push(...members(value, key, found).reverse());
    else if (typeof value === "object" && value !== null)
      open.push(...fields(value as Record<string, unknown>, found).reverse());
  }
}

function members(
  list: unknown[],
  key: string | undefined,
  found: Collector,
): { value: unknown; key: string | undefined }[] {
  const named = key === "ids" || key === "task_ids";
  const foreign = key !== undefined && !named && /ids?$/i.test(key);
  for (const member of list) {
    if (typeof member !== "string") continue;
    if (named) found.claim(member);
    else if (!foreign && WHOLE.test(member.trim())) found.add(member.trim());
  }
  return list.filter((member) => typeof member === "object").map((value) => ({ value, key }));
}

function fields(object: Record<string, unknown>, found: Collector): { value: unknown; key: string }[] {
  const own = (name: string) => Object.hasOwn(object, name);
  const isRecord = own("request") || own("response");
  if (isRecord && typeof object["id"] === "string") found.claim(object["id"]);
  if (own("task_id") && typeof object["task_id"] === "string" && object["task_id"] !== "")
    found.claim(object["task_id"]);
  if (typeof object["ids"] === "string") found.claim(object["ids"]);
  return Object.entries(object).map(([key, value]) => ({ value, key }));
}

function parseContainer(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

class Collector {
  useless = 0;
  seen = 0;
  readonly #ids = new Set<string>();
  readonly #rejected = new Map<string, string>();

  add(text: string): void {
    this.seen++;
    this.#ids.add(text.toLowerCase());
  }

  claim(text: string): void {
    if (WHOLE.test(text.trim())) this.add(text.trim());
    else this.#rejected.set(text, "not a task id: a task id is a uuid such as 1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad");
  }

  result(): PickedIds {
    const rejected = [...this.#rejected].map(([text, reason]) => ({ text, reason }));
    return { ids: [...this.#ids], repeated: this.seen - this.#ids.size, useless: this.useless, rejected };
  }
}
