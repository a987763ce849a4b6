import type { Database } from "../db/connection.ts";
import { joinCjk } from "../lib/cjk.ts";
import { clipsByKey, type ClipListing } from "./clips.ts";
import { plainWords, toMatchExpression } from "./search-query.ts";

/** A clip that was found, and a piece of its text in which the hits stand between `«` and `»`. */
export type SearchHit = ClipListing & { snippet: string };

/** Words in a snippet; a CJK character counts as one. */
const SNIPPET_WORDS = 24;
/** Weights of title, lyric, prompt and sound: a song is mostly looked for by its name. */
const RANK = "bm25(clips_fts, 10.0, 3.0, 2.0, 1.0)";

/** Clips in which the text occurs, best first. Any text is a query; one without a word finds nothing. 0: no limit. */
export function searchClips(db: Database, text: string, limit: number, assetsRoot: string): SearchHit[] {
  const found = matching(db, text, (expression) =>
    db.$client
      .prepare<[string, number], { key: number; snippet: string }>(
        `select rowid as key, snippet(clips_fts, -1, '«', '»', '…', ${SNIPPET_WORDS}) as snippet
         from clips_fts where clips_fts match ? and rowid not in (select rowid_key from clips where removed_at is not null) order by ${RANK}, rowid limit ?`,
      )
      .all(expression, limit || -1),
  );
  if (!found) return [];
  const clips = clipsByKey(
    db,
    found.map(({ key }) => key),
    assetsRoot,
  );
  return found.flatMap(({ key, snippet }) => {
    const clip = clips.get(key);
    return clip ? { ...clip, snippet: joinCjk(snippet) } : [];
  });
}

/** How many clips the text occurs in. */
export function countHits(db: Database, text: string): number {
  const count = (expression: string) =>
    db.$client
      .prepare<[string], number>(
        "select count(*) from clips_fts where clips_fts match ? and rowid not in (select rowid_key from clips where removed_at is not null)",
      )
      .pluck()
      .get(expression);
  return matching(db, text, count) ?? 0;
}

/** FTS5 may still refuse an expression for its size; then all its words are looked for. */
function matching<T>(db: Database, text: string, ask: (expression: string) => T): T | undefined {
  const expression = toMatchExpression(text);
  if (expression === undefined) return undefined;
  try {
    return ask(expression);
  } catch (error) {
    const simpler = plainWords(text);
    if (simpler === undefined || simpler === expression || !/^fts5/i.test((error as Error).message)) throw error;
    return ask(simpler);
  }
}
