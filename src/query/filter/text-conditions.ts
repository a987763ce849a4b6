import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { acceptsExpression, indexTextOf } from "../../db/full-text.ts";
import { parsePlainWords, parseSearch, type SearchExpression } from "./parse-search.ts";

/** From this many hits on, scanning all clips in order costs less than looking up each hit. */
const MANY = 3000;

/** Expressions that find no clip in common, best first. */
export type Tiers = string[];

/**
 * The expressions of a text for `clips_fts match`; undefined when it contains no word. FTS5 may refuse an expression for
 * its size; then the plain words are used.
 */
export function toSearchExpression(db: Database, text: string): (SearchExpression & { tiers: Tiers }) | undefined {
  const convert = indexTextOf(db);
  const parsed = parseSearch(text, convert);
  const simpler = parsePlainWords(text, convert);
  if (!parsed || !simpler) return undefined;
  const tiers = tiersOf(parsed);
  const longest = tiers.toSorted((a, b) => b.length - a.length)[0] ?? "";
  if (simpler.all === parsed.all || acceptsExpression(db, longest)) return { ...parsed, tiers };
  return { ...simpler, tiers: tiersOf(simpler) };
}

/**
 * The rule of the ranking. Of several words: first where they come one after the other as they were typed, then where they
 * are near each other, then where all occur; each of these first in titles. Of one word, and of a query with OR, fields or
 * parentheses: all in the title, some of it there, the rest. Within a tier bm25 decides, in which a title weighs most; in
 * titles the shortest is first (best-hits.ts).
 */
function tiersOf({ all, words, phrase, near }: SearchExpression): Tiers {
  const any = words.join(" OR ");
  // What must not occur anywhere is only in `all`.
  const within = (part: string) => (all.includes(" NOT ") ? `(${all}) AND (${part})` : part);
  const inTitle = `title : (${all})`;
  if (near === undefined) {
    const some = `((${all}) AND title : (${any})) NOT ${inTitle}`;
    return [within(inTitle), ...(words.length > 1 ? [some] : []), `(${all}) NOT title : (${any})`];
  }
  const phrases = phrase === undefined ? [] : [`title : (${phrase})`, `(${phrase}) NOT title : (${phrase})`];
  const before = phrase === undefined ? "" : ` NOT (${phrase})`;
  return [
    ...phrases.map(within),
    within(`(title : ${near})${before}`),
    within(`((${near})${before}) NOT (title : ${near})`),
    `((${all}) AND title : (${any})) NOT (${near})`,
    `((${all}) NOT title : (${any})) NOT (${near})`,
  ];
}

/** The condition on `clips` that the text occurs in them. */
export function textCondition(db: Database, text: string): SQL {
  const all = toSearchExpression(db, text)?.all;
  if (all === undefined) return sql`false`;
  const hits = sql`(select rowid from clips_fts where clips_fts match ${all})`;
  return hasMoreHits(db, all, MANY) ? sql`+clips.rowid_key in ${hits}` : sql`clips.rowid_key in ${hits}`;
}

/** Whether an expression has more than `count` hits. */
export function hasMoreHits(db: Database, expression: string, count: number): boolean {
  const { hits } = db.get<{ hits: number }>(
    sql`select count(*) as hits from (select 1 from clips_fts where clips_fts match ${expression} limit ${count + 1})`,
  );
  return hits > count;
}
