import { sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { bestHits } from "./best-hits.ts";
import { REMOVED_KEYS } from "../filter/clip-conditions.ts";
import { clipsByKey, pageOfKeys, type ClipListing } from "../lists/clips.ts";
import { countClips } from "../lists/count-clips.ts";
import { isFiltered, type Filter, type Page, type Total } from "../filter/filter.ts";
import { toSearchExpression } from "../filter/text-conditions.ts";
import { makeExcerpt, type SearchedTexts } from "./snippet.ts";
import { readInBatches } from "../lists/read-in-batches.ts";

/** A clip that was found, and an excerpt of its text with the hits between `«` and `»`. */
export type SearchHit = ClipListing & { snippet: string };

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
    : bestHits(db, expression, filter, limit);
  const excerpt = makeExcerpt(expression.terms);
  return { rows: readInBatches(keys, (some) => hitsByKey(db, excerpt, some, assetsRoot), HITS), next };
}

/** Ids of the best hits, at most `limit`. */
export function idsOfHits(db: Database, text: string, filter: Filter, limit: number): string[] {
  const expression = toSearchExpression(db, text);
  if (expression === undefined) return [];
  const { keys } = bestHits(db, expression, filter, limit);
  return db
    .all<{ id: string }>(
      sql`select clips.id from json_each(${JSON.stringify(keys)}) as hit cross join clips on rowid_key = hit.value order by hit.key`,
    )
    .map(({ id }) => id);
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

function hitsByKey(
  db: Database,
  excerpt: (texts: SearchedTexts) => string,
  keys: number[],
  assetsRoot: string,
): SearchHit[] {
  const clips = clipsByKey(db, keys, assetsRoot);
  const texts = db.all<SearchedTexts & { key: number }>(sql`
    select rowid_key as key, title, lyric, prompt, sound from clips
    where rowid_key in (select value from json_each(${JSON.stringify(keys)}))`);
  const snippets = new Map(texts.map(({ key, ...of }) => [key, excerpt(of)]));
  return keys.flatMap((key) => {
    const clip = clips.get(key);
    return clip ? { ...clip, snippet: snippets.get(key) ?? "" } : [];
  });
}
