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

type Member = { key: number; id: string; outline: string; rating: number; starred: number; plays: number };

/**
 * The stacks of these clips by the row key of their first one. Requests are long: only those are compared whole whose texts
 * are as long as another's.
 */
export function stacksOf(db: Database, keys: number[]): Map<number, Stack> {
  const alike = [...Map.groupBy(membersOf(db, keys), ({ outline }) => outline).values()];
  const several = alike.filter(isSeveral).flat();
  const requests = requestsOf(
    db,
    several.map(({ key }) => key),
  );
  const stacks = alike.flatMap((members) =>
    isSeveral(members) ? [...Map.groupBy(members, ({ key }) => requests.get(key)).values()] : [members],
  );
  return new Map(stacks.map((members) => toStack(db, members)));
}

function isSeveral({ length }: unknown[]): boolean {
  return length > 1;
}

/** Its key is made when it is asked for: few are shown of many. */
function toStack(db: Database, members: Member[]): [number, Stack] {
  const sorted = members.toSorted(bestFirst);
  const first = sorted[0]?.key ?? 0;
  return [
    first,
    {
      get key() {
        return hash("sha256", requestsOf(db, [first]).get(first) ?? "").slice(0, 16);
      },
      size: sorted.length,
      clips: sorted.map(({ id }) => id),
    },
  ];
}

function bestFirst(one: Member, other: Member): number {
  return other.rating - one.rating || other.starred - one.starred || other.plays - one.plays || other.key - one.key;
}

/** All that a request says but its seed and where its answer goes. A task without any is a stack of its own. */
const REQUEST = `json_array(tasks.type, tasks.action, tasks.model, tasks.prompt, tasks.lyric, tasks.title, instrumental, custom,
  reference_audio_id, swap_audio_id, continue_at, replace_section_start, replace_section_end, lyrics_strength,
  sound_strength, cover_strength, weirdness, tasks.style, style_negative, vocal_gender, lyric_prompt,
  iif(coalesce(tasks.action, tasks.model, tasks.prompt, tasks.lyric, tasks.title, lyric_prompt) is null, tasks.id, null))`;

/** Equal for equal requests, with the lengths of texts, which SQLite has without reading them. */
const OUTLINE = `concat_ws('|', tasks.type, tasks.action, tasks.model, octet_length(tasks.prompt), octet_length(tasks.lyric),
  octet_length(tasks.title), reference_audio_id, swap_audio_id)`;

const WANTED = `from json_each(?) as wanted cross join clips on clips.rowid_key = wanted.value
  cross join tasks on tasks.id = clips.task_id`;

function membersOf({ $client: client }: Database, keys: number[]): Iterable<Member> {
  const text = `select clips.rowid_key as key, clips.id, ${OUTLINE} as outline, coalesce(rating, 0) as rating,
      starred_at is not null as starred, coalesce(plays, 0) as plays
    ${WANTED} left join clip_marks on clip_id = clips.id`;
  return client.prepare<[string], Member>(text).iterate(JSON.stringify(keys));
}

function requestsOf({ $client: client }: Database, keys: number[]): Map<number, string> {
  const query = client.prepare<[string]>(`select clips.rowid_key, ${REQUEST} ${WANTED}`).raw();
  return new Map(query.all(JSON.stringify(keys)) as [number, string][]);
}
