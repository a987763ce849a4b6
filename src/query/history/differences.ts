/** One value in which two documents differ. `old` is absent for an added value, `new` for a removed one. */
export type Difference = {
  /** `response.data[0].audio_url`; names that are not plain words are in brackets: `["a b"]`. */
  path: string;
  /** rotated: another URL of the same file. */
  change: "added" | "removed" | "changed" | "rotated";
  old?: unknown;
  new?: unknown;
};

/** A file name of this length is unique; `audio.m4a` in two folders may be two files. */
const UNIQUE_NAME_LENGTH = 16;

/**
 * The differences between two JSON texts, value by value, lists by index; the order of keys does not matter. Numbers keep
 * their digits (`1.0` is not `1`), also when the result is turned into JSON again.
 */
export function differences(older: string, newer: string): Difference[] {
  const found: Difference[] = [];
  compare(parseExactly(older), parseExactly(newer), "", found);
  return found;
}

/** True for two URLs with the same path, or with the same file name when that is long enough to be unique. */
export function isRotated(older: unknown, newer: unknown): boolean {
  const [one, other] = [urlOf(older), urlOf(newer)];
  if (!one || !other) return false;
  const name = nameOf(one);
  if (name === "") return false;
  return one.pathname === other.pathname || (name.length >= UNIQUE_NAME_LENGTH && name === nameOf(other));
}

function compare(older: unknown, newer: unknown, path: string, found: Difference[]): void {
  if (Array.isArray(older) && Array.isArray(newer)) {
    for (let at = 0; at < Math.max(older.length, newer.length); at++) {
      const inner = `${path}[${at}]`;
      if (at >= older.length) found.push({ path: inner, change: "added", new: newer[at] as unknown });
      else if (at >= newer.length) found.push({ path: inner, change: "removed", old: older[at] as unknown });
      else compare(older[at], newer[at], inner, found);
    }
  } else if (isPlainObject(older) && isPlainObject(newer)) {
    for (const key of new Set([...Object.keys(older), ...Object.keys(newer)])) {
      const inner = pathOf(path, key);
      if (!Object.hasOwn(older, key)) found.push({ path: inner, change: "added", new: newer[key] });
      else if (!Object.hasOwn(newer, key)) found.push({ path: inner, change: "removed", old: older[key] });
      else compare(older[key], newer[key], inner, found);
    }
  } else if (JSON.stringify(older) !== JSON.stringify(newer)) {
    found.push({ path, change: isRotated(older, newer) ? "rotated" : "changed", old: older, new: newer });
  }
}

function pathOf(path: string, key: string): string {
  if (!/^[A-Za-z_]\w*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

function nameOf({ pathname }: URL): string {
  return pathname.slice(pathname.lastIndexOf("/") + 1);
}

function urlOf(value: unknown): URL | undefined {
  if (typeof value !== "string" || !/^https?:\/\//i.test(value)) return undefined;
  return URL.parse(value) ?? undefined;
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

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isRawJSON(value);
}
