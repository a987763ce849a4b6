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

/** A clip that was found, and an excerpt of its text with the hits between `«` and `»`. */
export type SearchHit = ClipListing & { snippet: string };

/** Words in a snippet; a CJK character counts as one. */
const SNIPPET_WORDS = 24;
/** Hits that are read in one batch, with their snippets. */
const HITS = 2000;
/** The limit when none is given. */
const ALL = Number.MAX_SAFE_INTEGER;

/** Clips in which the text occurs, best first or in the order of the filter. Any text is a query; one without a word finds nothing. */
export function searchClips(db: Database, text: string, filter: Filter, assetsRoot: string): SearchHit[] {
  return [...pageOfHits(db, text, filter, assetsRoot).rows];
}

/**
 * The same as a page. The ranking depends on all texts, so while clips are being added a page of the best hits may repeat
 * or miss one; pages in another order do not. Throws UsageError for a cursor of another order or an unknown id.
 */
export function pageOfHits(db: Database, text: string, filter: Filter, assetsRoot: string): Page<SearchHit> {
  const expression = toSearchExpression(db, text);
  if (expression === undefined) return { rows: [], next: null };
  const limit = filter.limit || ALL - 1;
  const { keys, next } = filter.sort
    ? pageOfKeys(db, { ...filter, text }, limit)
    : bestHits(db, expression.tiers, filter, limit);
  return { rows: readInBatches(keys, (some) => hitsByKey(db, expression.all, some, assetsRoot), HITS), next };
}

/** How many of the clips that match the filter contain the text. */
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
 * Only the clips that are shown get a snippet, which costs more than finding the clip. Each key is looked up, except for a
 * search by the beginning of a word: each lookup would gather all such words again, so all hits are read in one pass.
 */
function snippetsOf(db: Database, expression: string, keys: number[]): Map<number, string> {
  const key = expression.includes("*") ? sql`+rowid` : sql`rowid`;
  const rows = db.all<{ key: number; snippet: string }>(sql`
    select rowid as key, snippet(clips_fts, -1, '«', '»', '…', ${SNIPPET_WORDS}) as snippet from clips_fts
    where clips_fts match ${expression} and ${key} in (select value from json_each(${JSON.stringify(keys)}))`);
  return new Map(rows.map(({ key, snippet }) => [key, snippet]));
}
