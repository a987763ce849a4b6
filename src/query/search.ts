import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { joinCjk } from "../lib/cjk.ts";
import { clipConditions, clipsByKey, countClips, pageOfKeys, REMOVED, type ClipListing } from "./clips.ts";
import { rangesAfter, readCursor, writeCursor } from "./cursor.ts";
import { isNarrow, type Filter, type Page, type Total } from "./filter.ts";
import { matchExpression } from "./match.ts";

/** A clip that was found, and a piece of its text in which the hits stand between `«` and `»`. */
export type SearchHit = ClipListing & { snippet: string };

/** Words in a snippet; a CJK character counts as one. */
const SNIPPET_WORDS = 24;
/** Weights of title, lyric, prompt and sound: a song is mostly looked for by its name. */
const RANK = sql`bm25(clips_fts, 10.0, 3.0, 2.0, 1.0)`;
const BEST_FIRST = "best";
/** Rows without a limit of their own. */
const ALL = Number.MAX_SAFE_INTEGER;

/** Clips in which the text occurs, best first or in the filter's own order. Any text is a query; one without a word finds nothing. */
export function searchClips(db: Database, text: string, filter: Filter, assetsRoot: string): SearchHit[] {
  return pageOfHits(db, text, filter, assetsRoot).rows;
}

/**
 * The same as a page. What is best depends on all texts, so while clips come in a page in that order may show one again
 * or miss one; pages in another order do not. Throws UsageError for a cursor of another order, or an id that is not here.
 */
export function pageOfHits(db: Database, text: string, filter: Filter, assetsRoot: string): Page<SearchHit> {
  const expression = matchExpression(db, text);
  if (expression === undefined) return { rows: [], next: null };
  const limit = filter.limit || ALL - 1;
  const { keys, next } = filter.sort
    ? pageOfKeys(db, { ...filter, text }, limit)
    : bestKeys(db, expression, filter, limit);
  const clips = clipsByKey(db, keys, assetsRoot);
  const snippets = snippetsOf(db, expression, keys);
  const rows = keys.flatMap((key) => {
    const clip = clips.get(key);
    return clip ? { ...clip, snippet: joinCjk(snippets.get(key) ?? "") } : [];
  });
  return { rows, next };
}

/** How many clips the text occurs in, of those that the filter lets through. */
export function countHits(db: Database, text: string, filter: Filter = {}): Total {
  if (isNarrow(filter)) return countClips(db, { ...filter, text });
  const expression = matchExpression(db, text);
  if (expression === undefined) return 0;
  const { hits } = db.get<{ hits: number }>(
    sql`select count(*) as hits from clips_fts where clips_fts match ${expression} and rowid not in ${REMOVED}`,
  );
  return hits;
}

function bestKeys(db: Database, expression: string, filter: Filter, limit: number) {
  const { cursor } = filter;
  const after: (SQL | undefined)[] =
    cursor === undefined ? [] : rangesAfter([sql`rank`, sql`key`], readCursor(cursor, BEST_FIRST, 2), false);
  const from = isNarrow(filter)
    ? sql`clips_fts join clips on clips.rowid_key = clips_fts.rowid where ${clipConditions(db, filter)} and`
    : sql`clips_fts where clips_fts.rowid not in ${REMOVED} and`;
  const rows = db.all<{ key: number; rank: number }>(sql`
    select key, rank from (
      select clips_fts.rowid as key, ${RANK} as rank from ${from} clips_fts match ${expression}
    ) where ${after.length > 0 ? sql`(${sql.join(after, sql` or `)})` : sql`true`}
    order by rank, key limit ${limit + 1}`);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = last && rows.length > limit ? writeCursor(BEST_FIRST, [last.rank, last.key]) : null;
  return { keys: shown.map(({ key }) => key), next };
}

/** Made for what is shown alone: a snippet costs more than finding the clip. */
function snippetsOf(db: Database, expression: string, keys: number[]): Map<number, string> {
  const rows = db.all<{ key: number; snippet: string }>(sql`
    select rowid as key, snippet(clips_fts, -1, '«', '»', '…', ${SNIPPET_WORDS}) as snippet from clips_fts
    where clips_fts match ${expression} and rowid in (select value from json_each(${JSON.stringify(keys)}))`);
  return new Map(rows.map(({ key, snippet }) => [key, snippet]));
}
