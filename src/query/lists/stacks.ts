import { hash } from "node:crypto";
import type { Database } from "../../db/connection.ts";
import type { Filter, Page } from "../filter/filter.ts";
import { keysOfClips, pageOfClips, type ClipListing } from "./clips.ts";

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
  const stacks = stacksOf(db, keysOfClips(db, all).keys);
  const { rows, next } = pageOfClips(db, { ...filter, among: [...stacks.keys()] }, assetsRoot);
  const byClip = new Map([...stacks.values()].map((stack) => [stack.clips[0], stack]));
  return { rows: withStacks(rows, byClip), next, total: stacks.size };
}

function* withStacks(rows: Iterable<ClipListing>, byClip: Map<string | undefined, Stack>): Generator<StackedClip> {
  for (const row of rows) {
    const stack = byClip.get(row.id);
    if (stack) yield { ...row, stack };
  }
}

type Member = { key: number; id: string; request: string; rating: number; starred: number; plays: number };

/** The stacks of these clips by the row key of their first one. Reads the request of each clip. */
export function stacksOf(db: Database, keys: number[]): Map<number, Stack> {
  const stacks = new Map<string, Member[]>();
  for (const { request, ...member } of membersOf(db, keys)) {
    const key = hash("sha256", request).slice(0, 16);
    const others = stacks.get(key);
    if (others) others.push({ request: "", ...member });
    else stacks.set(key, [{ request: "", ...member }]);
  }
  return new Map(
    [...stacks].map(([key, members]) => {
      const sorted = members.toSorted(bestFirst);
      return [sorted[0]?.key ?? 0, { key, size: sorted.length, clips: sorted.map(({ id }) => id) }];
    }),
  );
}

function bestFirst(one: Member, other: Member): number {
  return other.rating - one.rating || other.starred - one.starred || other.plays - one.plays || other.key - one.key;
}

/** All that a request says but its seed and where its answer goes. A task without any is a stack of its own. */
const REQUEST = `json_array(tasks.type, tasks.action, tasks.model, tasks.prompt, tasks.lyric, tasks.title, instrumental, custom,
  reference_audio_id, swap_audio_id, continue_at, replace_section_start, replace_section_end, lyrics_strength,
  sound_strength, cover_strength, weirdness, tasks.style, style_negative, vocal_gender, lyric_prompt,
  iif(coalesce(tasks.action, tasks.model, tasks.prompt, tasks.lyric, tasks.title, lyric_prompt) is null, tasks.id, null))`;

function membersOf({ $client: client }: Database, keys: number[]): Iterable<Member> {
  const text = `select clips.rowid_key as key, clips.id, ${REQUEST} as request, coalesce(rating, 0) as rating,
      starred_at is not null as starred, coalesce(plays, 0) as plays
    from json_each(?) as wanted cross join clips on clips.rowid_key = wanted.value
      cross join tasks on tasks.id = clips.task_id left join clip_marks on clip_id = clips.id`;
  return client.prepare<[string], Member>(text).iterate(JSON.stringify(keys));
}
