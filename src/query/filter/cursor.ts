import { sql, type SQL } from "drizzle-orm";
import { UsageError } from "../../lib/errors.ts";

/** A value of a column by which rows are ordered. */
export type CursorKey = string | number | null;

const VERSION = 1;

/**
 * The end of a page as text that can be passed on: the order, and the values of its columns in the last row. It names a
 * position and not a count, so rows that are added or removed in between neither repeat nor hide others.
 */
export function writeCursor(order: string, keys: CursorKey[]): string {
  return Buffer.from(JSON.stringify([VERSION, order, ...keys])).toString("base64url");
}

/** Reads the keys of a cursor for this order and number of columns. Throws UsageError. */
export function readCursor(text: string, order: string, columns: number): CursorKey[] {
  const [version, of, ...keys] = decode(text) ?? [];
  if (version !== VERSION || typeof of !== "string" || (of === order && keys.length !== columns) || !keys.every(isKey))
    throw new UsageError(`--cursor is "${text.slice(0, 80)}"; it takes the cursor that the page before ended with`, {
      hint: "a page that --limit has cut ends on stderr with `next: --cursor ...`",
    });
  if (of !== order)
    throw new UsageError(`--cursor is of a list in the order ${of}; this one is in the order ${order}`, {
      hint: "give the same command, filters and --sort as for the page before",
    });
  return keys;
}

/**
 * The rows after a position in the order of `columns`, as conditions of which each is one range of an index, in order:
 * first the rows that differ in the last column only, at the end those that differ in the first. Nulls come first, as
 * SQLite sorts them.
 */
export function rangesAfter(columns: SQL[], keys: CursorKey[], descending: boolean): SQL[] {
  return columns
    .flatMap((column, at) => {
      const same = columns.slice(0, at).map((one, index) => sql`${one} is ${keys[index]}`);
      return after(column, keys[at] ?? null, descending)
        .toReversed()
        .map((condition) => sql.join([...same, condition], sql` and `));
    })
    .toReversed();
}

function after(column: SQL, key: CursorKey, descending: boolean): SQL[] {
  if (key === null) return descending ? [] : [sql`${column} is not null`];
  return descending ? [sql`${column} < ${key}`, sql`${column} is null`] : [sql`${column} > ${key}`];
}

function isKey(value: unknown): value is CursorKey {
  return value === null || typeof value === "string" || typeof value === "number";
}

function decode(text: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text.trim(), "base64url").toString());
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
