import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { clipConditions, REMOVED_KEYS } from "../filter/clip-conditions.ts";
import { rangesAfter, readCursor, writeCursor, type CursorKey } from "../filter/cursor.ts";
import { isFiltered, type Filter } from "../filter/filter.ts";
import { hasMoreHits, type Tiers } from "../filter/text-conditions.ts";

const ORDER = "best";
/** Weights of title, lyric, prompt and sound. */
const RANK = sql`bm25(clips_fts, 10.0, 3.0, 2.0, 1.0)`;
/** Of titles with the words the shortest is first: it has least beside them. */
const TITLE_RANK = sql`length(clips_fts.title) * 1000.0 + ${RANK}`;
/** Every hit must be ranked, however few are shown: 2 µs each, and the filter must read the clip. */
const MAX_RANKED = 10_000;

type Hit = { tier: number; rank: number; key: number };

/**
 * Row keys of the best hits of an expression, tier by tier and within a tier by bm25; the newest first in a tier that has too many hits to
 * rank. Throws UsageError for a cursor of another order.
 */
export function bestHits(db: Database, { all, tiers }: { all: string; tiers: Tiers }, filter: Filter, limit: number) {
  const [tier, ...after] = filter.cursor === undefined ? [0] : readCursor(filter.cursor, ORDER, 3);
  const found: Hit[] = [];
  const start = tiers.findIndex((_, at) => at === tier);
  // No tier has more hits than all have.
  const mayBeMany = hasMoreHits(db, all, MAX_RANKED);
  for (const [at, expression] of tiers.entries()) {
    if (start < 0 || at < start || found.length > limit) continue;
    const position = at === start && after.length > 0 ? after : undefined;
    const hits = hitsOf(
      db,
      { expression, rank: at === 0 ? TITLE_RANK : RANK, mayBeMany },
      filter,
      position,
      limit + 1 - found.length,
    );
    for (const hit of hits) found.push({ tier: at, ...hit });
  }
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  const next = last && found.length > limit ? writeCursor(ORDER, [last.tier, last.rank, last.key]) : null;
  return { keys: shown.map(({ key }) => key), next };
}

type Tier = { expression: string; rank: SQL; mayBeMany: boolean };

function hitsOf(
  db: Database,
  { expression, rank, mayBeMany }: Tier,
  filter: Filter,
  after: CursorKey[] | undefined,
  limit: number,
) {
  // A cross join keeps its order: each hit is looked up in `clips`, not each clip in the hits.
  const from = isFiltered(filter)
    ? sql`clips_fts cross join clips on clips.rowid_key = clips_fts.rowid where ${clipConditions(db, filter)} and`
    : sql`clips_fts where clips_fts.rowid not in ${REMOVED_KEYS} and`;
  const hits = sql`from ${from} clips_fts match ${expression}`;
  return mayBeMany && hasMoreHits(db, expression, MAX_RANKED)
    ? newest(db, hits, after, limit)
    : ranked(db, hits, rank, after, limit);
}

function ranked(
  db: Database,
  hits: SQL,
  rank: SQL,
  after: CursorKey[] | undefined,
  limit: number,
): Omit<Hit, "tier">[] {
  const afterCursor = after ? sql.join(rangesAfter([sql`rank`, sql`key`], after, false), sql` or `) : sql`true`;
  return db.all(sql`
    select key, rank from (select clips_fts.rowid as key, ${rank} as rank ${hits})
    where ${afterCursor} order by rank, key limit ${limit}`);
}

/** The index returns the highest keys first, so that no more is read than is shown. */
function newest(db: Database, hits: SQL, after: CursorKey[] | undefined, limit: number): Omit<Hit, "tier">[] {
  const afterCursor = after ? sql`and clips_fts.rowid < ${after[1]}` : sql``;
  return db.all(sql`
    select clips_fts.rowid as key, 0 as rank ${hits} ${afterCursor} order by clips_fts.rowid desc limit ${limit}`);
}
