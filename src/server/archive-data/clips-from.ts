import { UsageError } from "../../lib/errors.ts";
import { oneOf } from "../../lib/text/option-words.ts";
import { isTimeZone } from "../../lib/time/time-zone.ts";
import type { Filter } from "../../query/filter/filter.ts";
import { arrange, GROUPINGS, type ArrangeOptions, type ListGroup } from "../../query/lists/arrange.ts";
import { clipsByKey, type ClipListing } from "../../query/lists/clips.ts";
import type { Stack } from "../../query/lists/stacks.ts";
import { takesOf, type Take } from "../../query/lists/takes.ts";
import type { About } from "../workers/about.ts";
import { readFlag, type QueryWords } from "./query-words.ts";
import { remembered } from "./remembered.ts";

/** The words of a list that is asked for by an index. */
export const INDEX_WORDS = ["offset", "group", "timezone"];

/** Which rows of which arrangement. */
type AtIndex = ArrangeOptions & { offset: number };

export type ArrangedClip = ClipListing & { stack?: Stack & { takes: Take[] } };

export type ArrangedPage = {
  items: ArrangedClip[];
  /** Rows of the whole list, and the songs in them. */
  total: number;
  songs: number;
  next: null;
  /** With the first row of a grouped list: its heads, in order. */
  groups?: ListGroup[];
};

/** The most takes of a stack that are described; `stack.clips` has them all. */
const MOST_TAKES = 60;

/** Undefined when the words do not name an index. Throws UsageError. */
export function readIndex(words: QueryWords): AtIndex | undefined {
  const { offset, group, timezone = "UTC" } = words;
  if (offset === undefined) {
    const lonely = ["group", "timezone"].find((name) => words[name] !== undefined);
    if (lonely !== undefined) throw new UsageError(`${lonely} is for a list by \`offset\``);
    return undefined;
  }
  if (!/^\d{1,9}$/.test(offset))
    throw new UsageError(`offset is "${offset.slice(0, 100)}"; it takes a whole number from 0`);
  if (!isTimeZone(timezone)) throw new UsageError(`timezone is "${timezone}"; it takes a name such as Europe/Berlin`);
  return {
    offset: Number(offset),
    stacked: readFlag(words, "stacked") === true,
    group: group === undefined ? undefined : oneOf(GROUPINGS, group, "group"),
    timezone,
  };
}

/**
 * The clips from an index of the list on: whoever drags a scroll bar does not come page by page. The order of the whole
 * list is remembered, since page after page of the same one is asked for.
 */
export function clipsFrom(
  db: About["db"],
  { limit, cursor: _cursor, ...filter }: Filter & { limit: number },
  { offset, ...options }: AtIndex,
  assetsRoot: string,
): ArrangedPage {
  const name = `clips ${JSON.stringify([filter, options])}`;
  const { keys, groups, songs, stacks } = remembered(db, name, () => arrange(db, filter, options));
  const wanted = keys.slice(offset, offset + limit);
  const found = clipsByKey(db, wanted, assetsRoot);
  const clips = wanted.flatMap((key): ArrangedClip[] => {
    const clip = found.get(key);
    const stack = stacks.get(key);
    return clip ? [stack ? { ...clip, stack: { ...stack, takes: [] } } : clip] : [];
  });
  describeTakes(db, clips);
  const page = { items: clips, total: keys.length, songs, next: null };
  return offset === 0 && options.group !== undefined ? { ...page, groups } : page;
}

function describeTakes(db: About["db"], clips: ArrangedClip[]): void {
  const ids = clips.flatMap(({ stack }) => stack?.clips.slice(0, MOST_TAKES) ?? []);
  const takes = takesOf(db, ids);
  for (const { stack } of clips)
    if (stack) stack.takes = stack.clips.slice(0, MOST_TAKES).flatMap((id) => takes.get(id) ?? []);
}
