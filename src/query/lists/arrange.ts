import { sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import type { Filter } from "../filter/filter.ts";
import { periodsIn } from "../stats/periods.ts";
import { keysOfClips } from "./clips.ts";
import { familiesOf } from "./families.ts";
import { stacksOf, type Stack } from "./stacks.ts";

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
export type Arrangement = { keys: number[]; groups: ListGroup[]; songs: number; stacks?: Map<number, Stack> };

export type ArrangeOptions = { stacked: boolean; group: Grouping | undefined; timezone: string };

/** Rows with one head, on average, below which a list has heads for longer times. */
const LEAST_ROWS = 3;

/**
 * The rows of a list, one a clip or one a stack, in the filter's order; with a grouping the rows of a group are together,
 * and the groups in the order of their first rows, the rest last. Throws UsageError.
 */
export function arrange(db: Database, filter: Filter, { stacked, group, timezone }: ArrangeOptions): Arrangement {
  const all = keysOfClips(db, filter).keys;
  const stacks = stacked ? stacksOf(db, all) : undefined;
  const keys = stacks ? all.filter((key) => stacks.has(key)) : all;
  const whole = { songs: all.length, ...(stacks && { stacks }) };
  if (group === undefined) return { ...whole, keys, groups: [] };
  const facts = factsOf(db, keys);
  const placed = Map.groupBy(keys, keyIn(db, group, facts, timezone));
  const rest = placed.get(null);
  if (rest && placed.delete(null)) placed.set(null, rest);
  const songsIn = (rows: number[]) => rows.reduce((sum, key) => sum + (stacks?.get(key)?.size ?? 1), 0);
  const groups = [...placed].map(([key, rows]): ListGroup => {
    return { key, clips: rows.length, songs: songsIn(rows), minutes: minutesOf(rows, facts) };
  });
  if (group === "family") addTitles(db, groups);
  return { ...whole, keys: [...placed.values()].flat(), groups };
}

type Fact = { id: string; model: string | null; createdAt: number | null; seconds: number };

function factsOf({ $client: client }: Database, keys: number[]): Map<number, Fact> {
  const text = `select rowid_key, id, nullif(model, ''), created_at, coalesce(duration_seconds, 0) from clips
    where rowid_key in (select value from json_each(?))`;
  type Row = [key: number, id: string, model: string | null, createdAt: number | null, seconds: number];
  const rows = client.prepare<[string], Row>(text).raw().all(JSON.stringify(keys));
  return new Map(rows.map(([key, id, model, createdAt, seconds]) => [key, { id, model, createdAt, seconds }]));
}

function keyIn(
  db: Database,
  group: Grouping,
  facts: Map<number, Fact>,
  timezone: string,
): (key: number) => string | null {
  if (group === "model") return (key) => facts.get(key)?.model ?? null;
  if (group === "family") {
    const familyOf = familiesOf(db);
    return (key) => familyOf(facts.get(key)?.id ?? "");
  }
  const periodOf = periodsIn(timezone);
  const dayOf = (key: number) => periodOf(facts.get(key)?.createdAt ?? null, "day");
  const lengths = ["2026-11-14", "2026-11"].map(({ length }) => length);
  // A head for every other song helps nobody.
  const length = lengths.find((one) => {
    const heads = new Set([...facts.keys()].map((key) => dayOf(key)?.slice(0, one)));
    return facts.size >= heads.size * LEAST_ROWS;
  });
  return (key) => dayOf(key)?.slice(0, length ?? 4) ?? null;
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
