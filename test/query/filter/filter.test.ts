import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ASSET_KINDS } from "../../../src/lib/asset-kinds.ts";
import { listClips, pageOfClips } from "../../../src/query/lists/clips.ts";
import { countClips } from "../../../src/query/lists/count-clips.ts";
import type { Filter, Sort } from "../../../src/query/filter/filter.ts";
import { countHits, pageOfHits } from "../../../src/query/search/search.ts";
import { countTasks } from "../../../src/query/filter/task-order.ts";
import { listTasks, pageOfTasks } from "../../../src/query/lists/tasks.ts";
import { ACTIONS, makeFilterWorld, MODELS, SEEDS, STATES, WORDS, type Made } from "./filter-world.ts";
import { CREATED, makeLibrary, type Library } from "../library.ts";
import { idsOf, paged } from "../lists/paged.ts";

const COUNT = 90;
let library: Library;
let made: Made[];

beforeAll(() => {
  ({ library, made } = makeFilterWorld(COUNT));
});
afterAll(() => library[Symbol.dispose]());

const some = <T>(values: readonly T[]) => fc.subarray([...values], { minLength: 1 });
const moments = [CREATED - 86_400_000, CREATED, CREATED + 1, CREATED + 5001];
const SORTS: fc.Arbitrary<Sort> = fc.record({
  by: fc.constantFrom("created", "title", "duration", "model", "rating", "plays", "played"),
  descending: fc.boolean(),
});
const NARROW: fc.Arbitrary<Filter> = fc.record(
  {
    model: some([...MODELS, "none"]),
    action: some(ACTIONS),
    state: some(STATES),
    since: fc.constantFrom(...moments),
    until: fc.constantFrom(...moments),
    minSeconds: fc.constantFrom(0, 60, 120),
    maxSeconds: fc.constantFrom(59.5, 60, 240),
    instrumental: fc.boolean(),
    has: some(ASSET_KINDS),
    missing: some(ASSET_KINDS),
    seed: some(SEEDS),
    root: fc.integer({ min: 0, max: COUNT - 1 }).map(idOf),
    childrenOf: fc.oneof(fc.integer({ min: 0, max: COUNT - 1 }).map(idOf), fc.constant("elsewhere")),
    text: fc.constantFrom(...WORDS, "nowhere", ""),
    tagged: some(["calm", "LOUD", "夜", "none"]),
    untagged: fc.oneof(some(["calm", "Loud"]), fc.constant("all" as const)),
    starred: fc.boolean(),
    heard: fc.boolean(),
    minRating: fc.constantFrom(0, 1, 3, 4),
    playlist: fc.constantFrom("p", "night"),
    removed: fc.boolean(),
  },
  { requiredKeys: [] },
);
/** Few conditions at once: all together let nothing through. */
const FILTER = fc
  .tuple(NARROW, fc.infiniteStream(fc.nat(9)))
  .map(([filter, dice]) => Object.fromEntries(Object.entries(filter).filter(() => dice.next().value! < 3)) as Filter);

function idOf(n: number): string {
  return `${"abcdef"[n % 6]}${String(n).padStart(3, "0")}`;
}

it("lists, counts and pages as a naive filter over all clips does", () => {
  fc.assert(
    fc.property(FILTER, SORTS, fc.integer({ min: 1, max: 9 }), (filter, sort, limit) => {
      const expected = naively(filter, sort);
      const ids = listClips(library.db, { ...filter, sort }, "/").map(({ id }) => id);
      expect(ids).toEqual(expected);
      expect(countClips(library.db, filter)).toBe(expected.length);
      const pages = paged((cursor) => pageOfClips(library.db, { ...filter, sort, limit, ...cursor }, "/"));
      expect(pages).toEqual(expected);
    }),
    { numRuns: 250 },
  );
});

it("lists and pages the tasks of these clips in the same way", () => {
  fc.assert(
    fc.property(FILTER, SORTS, fc.integer({ min: 1, max: 30 }), ({ removed: _removed, ...filter }, sort, limit) => {
      // A task's own title, model and times are those of the test's helper: clips tell only what its clips tell.
      const { text, seed, root, childrenOf, instrumental, tagged, untagged, starred, heard, minRating, playlist } =
        filter;
      const ofClips = {
        text,
        seed,
        root,
        childrenOf,
        instrumental,
        tagged,
        untagged,
        starred,
        heard,
        minRating,
        playlist,
      };
      const own = Object.fromEntries(Object.entries(ofClips).filter(([, value]) => value !== undefined)) as Filter;
      const expected = made.filter((clip) => lets(own, clip)).map(({ taskId }) => taskId);
      const whole = idsOf(pageOfTasks(library.db, { ...own, sort }).rows);
      expect(whole.toSorted()).toEqual(expected.toSorted());
      expect(countTasks(library.db, own)).toBe(expected.length);
      expect(paged((cursor) => pageOfTasks(library.db, { ...own, sort, limit, ...cursor }))).toEqual(whole);
    }),
    { numRuns: 50 },
  );
});

it("searches within the filter, best first or in an order, page by page", () => {
  fc.assert(
    fc.property(
      FILTER,
      fc.option(SORTS),
      fc.constantFrom(...WORDS),
      fc.integer({ min: 1, max: 9 }),
      (filter, sort, text, limit) => {
        const { text: _text, ...narrow } = filter;
        const wanted = { ...narrow, ...(sort && { sort }) };
        const whole = idsOf(pageOfHits(library.db, text, wanted, "/").rows);
        const expected = naively({ ...narrow, text }, sort ?? { by: "created", descending: true });
        expect(sort ? whole : whole.toSorted()).toEqual(sort ? expected : expected.toSorted());
        expect(countHits(library.db, text, narrow)).toBe(expected.length);
        expect(paged((cursor) => pageOfHits(library.db, text, { ...wanted, limit, ...cursor }, "/"))).toEqual(whole);
      },
    ),
    { numRuns: 120 },
  );
});

it("goes on where a page ended, whatever came in meanwhile", () => {
  const { library: other } = makeFilterWorld(30);
  using _other = other;
  const sort: Sort = { by: "created", descending: true };
  const before = listClips(other.db, { sort }, "/").map(({ id }) => id);
  const first = pageOfClips(other.db, { sort, limit: 10 }, "/");
  other.clip("newest", { createdAt: CREATED + 9_000_000 });
  const second = pageOfClips(other.db, { sort, limit: 100, cursor: first.next ?? "" }, "/");
  expect([...first.rows, ...second.rows].map(({ id }) => id)).toEqual(before);
  expect(second.next).toBeNull();
});

it.each([
  "",
  "x",
  "W10",
  Buffer.from('[1,"-created",true,{}]').toString("base64url"),
  Buffer.from('[1,"-created",5]').toString("base64url"),
])("refuses the cursor %j", (cursor) => {
  expect(() => pageOfClips(library.db, { limit: 1, cursor }, "/")).toThrow(/^--cursor is ".*"; it takes the cursor/);
});

it("52: titles of clips and of tasks go by letters, whatever their case and accents", () => {
  using titles = makeLibrary();
  for (const title of ["Zoo", "apple", "Éclair", "eagle", "ZEBRA", "äpfel", "Œuvre", "ждать", "Ёлка", "10 o'clock"]) {
    titles.task(`task of ${title}`, { title });
    titles.clip(title, { title, taskId: `task of ${title}` });
  }
  const order = ["10 o'clock", "äpfel", "apple", "eagle", "Éclair", "Œuvre", "ZEBRA", "Zoo", "Ёлка", "ждать"];
  for (const descending of [false, true]) {
    const sort: Sort = { by: "title", descending };
    const expected = descending ? order.toReversed() : order;
    expect(listClips(titles.db, { sort }, "/").map(({ title }) => title)).toEqual(expected);
    expect(listTasks(titles.db, { sort }).map(({ title }) => title)).toEqual(expected);
    const pages = paged((cursor) => pageOfTasks(titles.db, { sort, limit: 3, ...cursor }));
    expect(pages).toEqual(expected.map((title) => `task of ${title}`));
  }
});

it("refuses a cursor of another order", () => {
  const { next } = pageOfClips(library.db, { limit: 1 }, "/");
  const sort: Sort = { by: "title", descending: false };
  expect(() => pageOfClips(library.db, { limit: 1, sort, cursor: next ?? "" }, "/")).toThrow(
    "--cursor is of a list in the order -created; this one is in the order title",
  );
});

it("says which flag an id that is not here was given for", () => {
  expect(() => listClips(library.db, { root: "nope" }, "/")).toThrow("--root: no task or clip has the id nope");
  expect(() => listClips(library.db, { childrenOf: "a0" }, "/")).toThrow(/^--children-of: a0 is ambiguous/);
});

function naively(filter: Filter, { by, descending }: Sort): string[] {
  const value = (clip: Made) =>
    ({
      created: clip.createdAt,
      title: clip.title && bareLetters(clip.title),
      duration: clip.durationSeconds,
      model: clip.model,
      rating: clip.rating,
      plays: clip.plays,
      played: clip.lastPlayedAt,
    })[by];
  const order = (one: Made, other: Made) =>
    compare(value(one), value(other)) || compare(one.createdAt, other.createdAt) || one.key - other.key;
  const sorted = made
    .filter((clip) => (filter.removed === true) === clip.removed && lets(filter, clip))
    .toSorted(order);
  return (descending ? sorted.toReversed() : sorted).map(({ id }) => id);
}

/** Neither case nor accents. */
function bareLetters(text: string): string {
  return text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
}

/** As SQLite does: nothing first, text by its bytes. */
function compare(one: string | number | null, other: string | number | null): number {
  if (one === null || other === null) return Number(one !== null) - Number(other !== null);
  if (typeof one === "number") return one - Number(other);
  return Buffer.compare(Buffer.from(one), Buffer.from(String(other)));
}

function lets(filter: Filter, clip: Made): boolean {
  const isIn = (values: string[] | undefined, value: string | null) =>
    values === undefined || (value !== null && values.includes(value));
  const text = bareLetters(`${clip.title} ${clip.lyric}`);
  const bare = filter.text?.normalize("NFD").replaceAll(/\p{M}/gu, "");
  const found =
    bare === undefined || (bare !== "" && (bare === "月" ? text.includes(bare) : text.split(/[^a-z]+/).includes(bare)));
  return (
    isIn(filter.model, clip.model) &&
    isIn(filter.action, clip.action) &&
    isIn(filter.state, clip.state) &&
    isIn(filter.seed, clip.seed) &&
    (filter.since === undefined || (clip.createdAt !== null && clip.createdAt >= filter.since)) &&
    (filter.until === undefined || (clip.createdAt !== null && clip.createdAt < filter.until)) &&
    (filter.minSeconds === undefined || (clip.durationSeconds !== null && clip.durationSeconds >= filter.minSeconds)) &&
    (filter.maxSeconds === undefined || (clip.durationSeconds !== null && clip.durationSeconds <= filter.maxSeconds)) &&
    (filter.instrumental === undefined || filter.instrumental === (clip.instrumental === true)) &&
    (filter.has ?? []).every((kind) => clip.stored.includes(kind)) &&
    (filter.missing ?? []).every((kind) => !clip.stored.includes(kind)) &&
    (filter.root === undefined || isMadeFrom(clip, filter.root)) &&
    (filter.childrenOf === undefined || clip.parents.includes(filter.childrenOf)) &&
    (filter.tagged === undefined || bears(clip, filter.tagged)) &&
    (filter.untagged === undefined ||
      !(filter.untagged === "all" ? clip.tags.length > 0 : bears(clip, filter.untagged))) &&
    (filter.starred === undefined || filter.starred === clip.starred) &&
    (filter.heard === undefined || filter.heard === clip.plays > 0) &&
    clip.rating >= (filter.minRating ?? 0) &&
    (filter.playlist === undefined || clip.isInPlaylist) &&
    found
  );
}

function bears({ tags }: Made, names: string[]): boolean {
  return tags.some((tag) => names.some((name) => name.toLowerCase() === tag.toLowerCase()));
}

function isMadeFrom(clip: Made, root: string): boolean {
  return clip.id === root || clip.parents.some((id) => made.some((one) => one.id === id && isMadeFrom(one, root)));
}
