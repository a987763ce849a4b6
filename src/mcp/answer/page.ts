import * as z from "zod";
import { UsageError } from "../../lib/errors.ts";
import { readCursor, writeCursor } from "../../query/filter/cursor.ts";

/** Rows of a page, at most. */
export const MOST_ROWS = 20;

export const PAGE_INPUT = {
  limit: z.int().min(1).max(MOST_ROWS).default(MOST_ROWS).describe(`rows of this page, at most ${MOST_ROWS}`),
  cursor: z.string().optional().describe("`next` of the page before"),
};

export const NEXT = z.string().nullable().describe("the cursor of the next page; null when this is the last");

/** A part of rows that are all at hand, in an order that stays; `of` names the list in its cursors. */
export function pageOf<Row>(
  rows: Row[],
  of: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
) {
  const [start = 0] = cursor === undefined ? [] : readCursor(cursor, of, 1);
  if (typeof start !== "number" || !Number.isSafeInteger(start) || start < 0)
    throw new UsageError(`cursor is "${cursor?.slice(0, 80)}"; it takes \`next\` of the page before`);
  const end = start + limit;
  return { items: rows.slice(start, end), total: rows.length, next: end < rows.length ? writeCursor(of, [end]) : null };
}
