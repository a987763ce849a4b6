import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { UsageError } from "../lib/errors.ts";
import type { Filter } from "./filter.ts";
import { lineageStart } from "./lineage.ts";
import { childrenOf, descendants } from "./lineage-ids.ts";
import { occursIn } from "./match.ts";

/** Conditions on `clips` that go by seed, lineage or text. Throws UsageError for an id that is not here. */
export function ownConditions(db: Database, filter: Filter): SQL[] {
  const { seed, root, childrenOf: parent, text } = filter;
  const conditions: SQL[] = [];
  if (seed) conditions.push(sql`clips.seed in ${values(seed)}`);
  if (root !== undefined) conditions.push(sql`clips.id in ${values(descendants(db, named(db, root, "--root")))}`);
  if (parent !== undefined) {
    const made = named(db, parent, "--children-of").map((id) => sql`clips.id in ${childrenOf(id)}`);
    conditions.push(sql`(${sql.join(made, sql` or `)})`);
  }
  if (text !== undefined) conditions.push(occursIn(db, text));
  return conditions;
}

function named(db: Database, id: string, flag: string): string[] {
  try {
    return lineageStart(db, id);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const { code, hint } = error;
    throw new UsageError(`${flag}: ${error.message}`, { code, hint, cause: error });
  }
}

/** As the task of a clip was asked; `task` is an id. */
export function isInstrumental(task: SQL, wanted: boolean): SQL {
  const such = sql`exists (select 1 from tasks as asked where asked.id = ${task} and asked.instrumental)`;
  return wanted ? such : sql`not ${such}`;
}

/** For `in`: texts as one parameter, however many. */
export function values(texts: string[]): SQL {
  return sql`(select value from json_each(${JSON.stringify(texts)}))`;
}
