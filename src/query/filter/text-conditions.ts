import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { acceptsExpression } from "../../db/full-text.ts";
import { parsePlainWords, parseSearch, type SearchExpression } from "./parse-search.ts";

/** From this many hits on, scanning all clips in order costs less than looking up each hit. */
const MANY = 3000;

/** Expressions by where the words occur, best first: all words in the title, some of them, none. */
export type Tiers = [string, string, string];

/**
 * The expressions of a text for `clips_fts match`; undefined when it contains no word. FTS5 may refuse an expression for
 * its size; then the plain words are used.
 */
export function toSearchExpression(db: Database, text: string): (SearchExpression & { tiers: Tiers }) | undefined {
  const parsed = parseSearch(text);
  const simpler = parsePlainWords(text);
  if (!parsed || !simpler) return undefined;
  const tiers = tiersOf(parsed);
  if (simpler.all === parsed.all || acceptsExpression(db, tiers[1])) return { ...parsed, tiers };
  return { ...simpler, tiers: tiersOf(simpler) };
}

/** A clip with all words in its title matches `all`, so that needs no second search, unless something must not occur anywhere. */
function tiersOf({ all, words }: SearchExpression): Tiers {
  const any = words.join(" OR ");
  const inTitle = `title : (${all})`;
  return [
    all.includes(" NOT ") ? `(${all}) AND ${inTitle}` : inTitle,
    `((${all}) AND title : (${any})) NOT ${inTitle}`,
    `(${all}) NOT title : (${any})`,
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
