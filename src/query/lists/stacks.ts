import type { Database } from "../../db/connection.ts";
import type { Filter, Page } from "../filter/filter.ts";
import { allMarks } from "../filter/marks.ts";
import { keysOfClips, pageOfClips, type ClipListing } from "./clips.ts";
import { requestOf, sharedRequests } from "./requests.ts";

/** Takes of one song: clips whose requests differ in nothing but the seed. */
export type Stack = {
  /** Made from the request. */
  key: string;
  /** How many of the clips that match the filter. */
  size: number;
  /** Their ids, the best rated first, then those with a star, the most played, the newest. */
  clips: string[];
};

/** The best rated clip of a stack, with all of it. */
export type StackedClip = ClipListing & { stack: Stack };

/** The clips that match the filter, one row a stack, in the filter's order. Throws UsageError. */
export function pageOfStacks(db: Database, filter: Filter, assetsRoot: string): Page<StackedClip> & { total: number } {
  const { limit: _limit, cursor: _cursor, ...all } = filter;
  const { keys } = keysOfClips(db, all);
  const { stacks, folded } = stacksOf(db, keys);
  const among = keys.filter((key) => !folded.has(key));
  const { rows, next } = pageOfClips(db, { ...filter, among }, assetsRoot);
  const byClip = new Map([...stacks.values()].map((stack) => [stack.clips[0], stack]));
  const stackOf = (id: string) => byClip.get(id) ?? { key: requestOf(db, id), size: 1, clips: [id] };
  return { rows: withStacks(rows, stackOf), next, total: among.length };
}

function* withStacks(rows: Iterable<ClipListing>, stackOf: (id: string) => Stack): Generator<StackedClip> {
  for (const row of rows) yield { ...row, stack: stackOf(row.id) };
}

/** Stacks of several takes by the row key of their first one, and the row keys of the others. */
export type Stacks = { stacks: Map<number, Stack>; folded: Set<number> };

type Member = { key: number; id: string; rating: number; starred: boolean; plays: number };

/** The stacks that these clips make. */
export function stacksOf(db: Database, keys: number[]): Stacks {
  const requests = sharedRequests(db);
  const groups = new Map<string, number[]>();
  for (const key of keys) {
    const request = requests.get(key)?.request;
    if (request === undefined) continue;
    const others = groups.get(request);
    if (others) others.push(key);
    else groups.set(request, [key]);
  }
  const marks = new Map(allMarks(db).map((one) => [one.id, one]));
  const memberOf = (key: number): Member => {
    const id = requests.get(key)?.id ?? "";
    const { rating = 0, starredAt = null, plays = 0 } = marks.get(id) ?? {};
    return { key, id, rating, starred: starredAt !== null, plays };
  };
  const found: Stacks = { stacks: new Map(), folded: new Set() };
  for (const [key, members] of groups) {
    if (members.length < 2) continue;
    const [first, ...others] = members.map(memberOf).toSorted(bestFirst) as [Member, ...Member[]];
    found.stacks.set(first.key, { key, size: members.length, clips: [first, ...others].map(({ id }) => id) });
    for (const other of others) found.folded.add(other.key);
  }
  return found;
}

function bestFirst(one: Member, other: Member): number {
  return (
    other.rating - one.rating ||
    Number(other.starred) - Number(one.starred) ||
    other.plays - one.plays ||
    other.key - one.key
  );
}
