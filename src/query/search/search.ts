import { sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { joinCjk } from "../../lib/text/cjk.ts";
import { bestHits } from "./best-hits.ts";
import { REMOVED_KEYS } from "../filter/clip-conditions.ts";
import { clipsByKey, pageOfKeys, type ClipListing } from "../lists/clips.ts";
import { countClips } from "../lists/count-clips.ts";
import { isFiltered, type Filter, type Page, type Total } from "../filter/filter.ts";
import { toSearchExpression } from "../filter/text-conditions.ts";
import { readInBatches } from "../lists/read-in-batches.ts";

/** A clip that was found, and a piece of its text in which the hits stand between `«` and `»`. */
export type SearchHit = ClipListing & { snippet: string };

/** Words in a snippet; a CJK character counts as one. */
const SNIPPET_WORDS = 24;
/** So many are read together, with their snippets. */
const HITS = 2000;
/** Rows without a limit of their own. */
const ALL = Number.MAX_SAFE_INTEGER;

/** Clips in which the text occurs, best first or in the filter's own order. Any text is a query; one without a word finds nothing. */
export function searchClips(db: Database, text: string, filter: Filter, assetsRoot: string): SearchHit[] {
  return [...pageOfHits(db, text, filter, assetsRoot).rows];
}

/**
 * The same as a page. What is best depends on all texts, so while clips come in a page in that order may show one again
 * or miss one; pages in another order do not. Throws UsageError for a cursor of another order, or an id that is not here.
 */
export function pageOfHits(db: Database, text: string, filter: Filter, assetsRoot: string): Page<SearchHit> {
  const wanted = toSearchExpression(db, text);
  if (wanted === undefined) return { rows: [], next: null };
  const limit = filter.limit || ALL - 1;
  const { keys, next } = filter.sort
    ? pageOfKeys(db, { ...filter, text }, limit)
    : bestHits(db, wanted.tiers, filter, limit);
  return { rows: readInBatches(keys, (some) => hitsByKey(db, wanted.all, some, assetsRoot), HITS), next };
}

/** How many clips the text occurs in, of those that the filter lets through. */
export function countHits(db: Database, text: string, filter: Filter = {}): Total {
  if (isFiltered(filter)) return countClips(db, { ...filter, text });
  const all = toSearchExpression(db, text)?.all;
  if (all === undefined) return 0;
  const { hits } = db.get<{ hits: number }>(
    sql`select count(*) as hits from clips_fts where clips_fts match ${all} and rowid not in ${REMOVED_KEYS}`,
  );
  return hits;
}

function hitsByKey(db: Database, expression: string, keys: number[], assetsRoot: string): SearchHit[] {
  const clips = clipsByKey(db, keys, assetsRoot);
  const snippets = snippetsOf(db, expression, keys);
  return keys.flatMap((key) => {
    const clip = clips.get(key);
    return clip ? { ...clip, snippet: joinCjk(snippets.get(key) ?? "") } : [];
  });
}

/**
 * Made for what is shown alone: a snippet costs more than finding the clip. Each key is looked up, but for the beginning
 * of a word: whatever begins so is gathered at each look, and so all hits are gone through in one.
 */
function snippetsOf(db: Database, expression: string, keys: number[]): Map<number, string> {
  const key = expression.includes("*") ? sql`+rowid` : sql`rowid`;
  const rows = db.all<{ key: number; snippet: string }>(sql`
    select rowid as key, snippet(clips_fts, -1, '«', '»', '…', ${SNIPPET_WORDS}) as snippet from clips_fts
    where clips_fts match ${expression} and ${key} in (select value from json_each(${JSON.stringify(keys)}))`);
  return new Map(rows.map(({ key, snippet }) => [key, snippet]));
}
