import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { acceptsExpression } from "../../db/full-text.ts";
import { parsePlainWords, parseSearch, type SearchExpression } from "./parse-search.ts";

/** From so many hits on, going through all clips in their order costs less than to look each hit up. */
const MANY = 3000;

/** Where the words stand, best first: all that is wanted in the title, a part of it, nothing. */
export type Tiers = [string, string, string];

/**
 * What a person's text looks for, in expressions for `clips_fts match`; undefined when there is no word in it. FTS5 may
 * refuse one for its size; then all its words are looked for.
 */
export function toSearchExpression(db: Database, text: string): (SearchExpression & { tiers: Tiers }) | undefined {
  const wanted = parseSearch(text);
  const simpler = parsePlainWords(text);
  if (!wanted || !simpler) return undefined;
  const tiers = tiersOf(wanted);
  if (simpler.all === wanted.all || acceptsExpression(db, tiers[1])) return { ...wanted, tiers };
  return { ...simpler, tiers: tiersOf(simpler) };
}

/** What has all in its title has all: that needs no second search, unless something must not occur anywhere. */
function tiersOf({ all, words }: SearchExpression): Tiers {
  const any = words.join(" OR ");
  const inTitle = `title : (${all})`;
  return [
    all.includes(" NOT ") ? `(${all}) AND ${inTitle}` : inTitle,
    `((${all}) AND title : (${any})) NOT ${inTitle}`,
    `(${all}) NOT title : (${any})`,
  ];
}

/** The condition on `clips` that the text occurs. */
export function textCondition(db: Database, text: string): SQL {
  const all = toSearchExpression(db, text)?.all;
  if (all === undefined) return sql`false`;
  const hits = sql`(select rowid from clips_fts where clips_fts match ${all})`;
  return hasMoreHits(db, all, MANY) ? sql`+clips.rowid_key in ${hits}` : sql`clips.rowid_key in ${hits}`;
}

/** Whether an expression has more than so many hits. */
export function hasMoreHits(db: Database, expression: string, count: number): boolean {
  const { hits } = db.get<{ hits: number }>(
    sql`select count(*) as hits from (select 1 from clips_fts where clips_fts match ${expression} limit ${count + 1})`,
  );
  return hits > count;
}
