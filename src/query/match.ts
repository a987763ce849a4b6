import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { plainWords, toMatchExpression } from "./search-query.ts";

/**
 * The expression for `clips_fts match` that a person's text stands for; undefined when there is no word in it. FTS5 may
 * refuse one for its size; then all its words are looked for.
 */
export function matchExpression({ $client: client }: Database, text: string): string | undefined {
  const expression = toMatchExpression(text);
  const simpler = plainWords(text);
  if (expression === undefined || simpler === undefined || simpler === expression) return expression;
  try {
    client.prepare("select 1 from clips_fts where clips_fts match ? limit 1").get(expression);
    return expression;
  } catch (error) {
    if (!/^fts5/i.test((error as Error).message)) throw error;
    return simpler;
  }
}

/** For `in`: the row keys of the clips in which the text occurs. */
export function hitKeys(db: Database, text: string): SQL {
  const expression = matchExpression(db, text);
  return expression === undefined
    ? sql`(select rowid_key from clips where false)`
    : sql`(select rowid from clips_fts where clips_fts match ${expression})`;
}
