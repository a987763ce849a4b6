import { sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import type { Filter } from "../filter/filter.ts";
import { periodsIn } from "../stats/periods.ts";
import { keysOfClips } from "./clips.ts";
import { familiesOf } from "./families.ts";
import { stacksOf, type Stack, type Stacks } from "./stacks.ts";

export const GROUPINGS = ["day", "model", "family"] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** Rows of a list with one head. */
export type ListGroup = {
  /** A day (`2026-11-14`), a month (`2026-11`) or a year, a model, the id of the song that a family began with; null for the rest. */
  key: string | null;
  /** The title of the song that a family began with. */
  title?: string | null;
  /** Rows: songs, or stacks of them. */
  clips: number;
  /** Songs in them. */
  songs: number;
  /** Of the songs that are shown. */
  minutes: number;
};

/** A whole list as it is shown: the row keys of its rows in order, and its heads. */
export type Arrangement = { keys: number[]; groups: ListGroup[]; songs: number; stacks: Map<number, Stack> };

export type ArrangeOptions = { stacked: boolean; group: Grouping | undefined; timezone: string };

/** Rows with one head, on average, below which a list has heads for longer times. */
const LEAST_ROWS = 3;

/**
 * The rows of a list, one a clip or one a stack, in the filter's order; with a grouping the rows of a group are together,
 * and the groups in the order of their first rows, the rest last. Throws UsageError.
 */
export function arrange(db: Database, filter: Filter, { stacked, group, timezone }: ArrangeOptions): Arrangement {
  const all = keysOfClips(db, filter).keys;
  const { stacks, folded } = stacked ? stacksOf(db, all) : NO_STACKS;
  const keys = folded.size > 0 ? all.filter((key) => !folded.has(key)) : all;
  const whole = { songs: all.length, stacks };
  if (group === undefined) return { ...whole, keys, groups: [] };
  const facts = factsOf(db, keys);
  const placed = Map.groupBy(keys, keyIn(db, group, { keys, facts, timezone }));
  const rest = placed.get(null);
  if (rest && placed.delete(null)) placed.set(null, rest);
  const songsIn = (rows: number[]) => rows.reduce((sum, key) => sum + (stacks.get(key)?.size ?? 1), 0);
  const groups = [...placed].map(([key, rows]): ListGroup => {
    return { key, clips: rows.length, songs: songsIn(rows), minutes: minutesOf(rows, facts) };
  });
  if (group === "family") addTitles(db, groups);
  return { ...whole, keys: [...placed.values()].flat(), groups };
}

const NO_STACKS: Stacks = { stacks: new Map(), folded: new Set() };

type Fact = { model: string | null; createdAt: number | null; seconds: number };

/** Of more clips than this all are read, along an index that has these columns. */
const MANY = 5000;

function factsOf({ $client: client }: Database, keys: number[]): Map<number, Fact> {
  const some = keys.length <= MANY;
  const text = `select rowid_key, nullif(model, ''), created_at, coalesce(duration_seconds, 0) from clips
    ${some ? "where rowid_key in (select value from json_each(?))" : ""}`;
  type Row = [key: number, model: string | null, createdAt: number | null, seconds: number];
  const rows = client
    .prepare<string[], Row>(text)
    .raw()
    .all(...(some ? [JSON.stringify(keys)] : []));
  return new Map(rows.map(([key, model, createdAt, seconds]) => [key, { model, createdAt, seconds }]));
}

function keyIn(
  db: Database,
  group: Grouping,
  { keys, facts, timezone }: { keys: number[]; facts: Map<number, Fact>; timezone: string },
): (key: number) => string | null {
  if (group === "model") return (key) => facts.get(key)?.model ?? null;
  if (group === "family") {
    const familyOf = familiesOf(db);
    return (key) => familyOf(key);
  }
  const periodOf = periodsIn(timezone);
  const days = new Map(keys.map((key) => [key, periodOf(facts.get(key)?.createdAt ?? null, "day")]));
  const lengths = ["2026-11-14", "2026-11"].map(({ length }) => length);
  // A head for every other song helps nobody.
  const length = lengths.find((one) => {
    const heads = new Set([...new Set(days.values())].map((day) => day?.slice(0, one)));
    return days.size >= heads.size * LEAST_ROWS;
  });
  return (key) => days.get(key)?.slice(0, length ?? 4) ?? null;
}

function minutesOf(keys: number[], facts: Map<number, Fact>): number {
  return Math.round(keys.reduce((sum, key) => sum + (facts.get(key)?.seconds ?? 0), 0) / 0.6) / 100;
}

function addTitles(db: Database, groups: ListGroup[]): void {
  const ids = groups.flatMap(({ key }) => key ?? []);
  const rows = db.all<{ id: string; title: string | null }>(
    sql`select id, title from clips where id in (select value from json_each(${JSON.stringify(ids)}))`,
  );
  const titles = new Map(rows.map(({ id, title }) => [id, title]));
  for (const group of groups) if (group.key !== null) group.title = titles.get(group.key) ?? null;
}
