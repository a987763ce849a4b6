import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listClips } from "../../src/query/lists/clips.ts";
import { changes } from "../../src/query/history/changes.ts";
import { countClips } from "../../src/query/lists/count-clips.ts";
import { sortText, type Filter } from "../../src/query/filter/filter.ts";
import { countHits, searchClips } from "../../src/query/search/search.ts";
import { writeCursor } from "../../src/query/filter/cursor.ts";
import { countTasks } from "../../src/query/filter/task-order.ts";
import { listTasks } from "../../src/query/lists/tasks.ts";
import { show } from "../../src/query/explain/show.ts";
import { status } from "../../src/query/stats/status.ts";
import { ASSET_KINDS } from "../../src/lib/asset-kinds.ts";
import { dueTaskIds } from "../../src/archive/due.ts";
import { makeLibrary, type Library } from "./library.ts";

let library: Library;

beforeAll(() => {
  library = makeLibrary();
  library.clip("c1", { title: "Neon" });
  library.file("c1", { kind: "audio" });
});
afterAll(() => library[Symbol.dispose]());

/** The plan of each statement that `work` runs. */
function plansOf(work: () => unknown): { statement: string; plan: string[] }[] {
  const client = library.db.$client;
  const prepare = client.prepare.bind(client);
  const statements = new Set<string>();
  client.prepare = (text: string) => {
    statements.add(text);
    return prepare(text);
  };
  try {
    work();
  } finally {
    client.prepare = prepare;
  }
  return [...statements].map((statement) => ({ statement, plan: planOf(statement) }));
}

function planOf(statement: string): string[] {
  const explained = library.db.$client.prepare<unknown[], { detail: string }>(`explain query plan ${statement}`);
  const marks = statement.match(/\?/g)?.length ?? 0;
  return explained.all(...Array.from({ length: marks }, () => 1)).map(({ detail }) => detail);
}

/** Walks over every row of a table that grows with the library; an index that has all that is asked for is no such walk. */
const WALK = /^SCAN (clips|tasks|assets|task_clips|task_documents|tracked_tasks|files)\b(?!.* USING (COVERING )?INDEX)/;
const walks = (work: () => unknown) =>
  plansOf(work).flatMap(({ statement, plan }) =>
    plan.filter((line) => WALK.test(line)).map((line) => ({ line, statement })),
  );
const sorts = (work: () => unknown) =>
  plansOf(work).flatMap(({ plan }) => plan.filter((line) => line.includes("TEMP B-TREE FOR ORDER BY")));

const LISTS: [string, Filter][] = [
  ["nothing", {}],
  ["a model", { model: ["a"] }],
  ["models", { model: ["a", "b"] }],
  ["an action", { action: ["cover"] }],
  ["a state", { state: ["failed"] }],
  ["times", { since: 1, until: 2 }],
  ["durations", { minSeconds: 1, maxSeconds: 2 }],
  ...ASSET_KINDS.flatMap((kind): [string, Filter][] => [
    [`has ${kind}`, { has: [kind] }],
    [`missing ${kind}`, { missing: [kind] }],
  ]),
  ["all at once", { model: ["a"], action: ["b"], state: ["succeeded"], since: 1, minSeconds: 1, has: ["audio"] }],
  ["removed songs", { removed: true }],
  ["instrumental", { instrumental: true }],
  ["sung", { instrumental: false }],
  ["a tag", { tagged: ["calm"] }],
  ["no tag", { untagged: "all" }],
  ["a seed", { seed: ["7"] }],
  ["a family", { root: "c1" }],
  ["children", { childrenOf: "c1" }],
  ["text", { text: "neon" }],
  ["stars", { starred: true }],
  ["no star", { starred: false }],
  ["heard", { heard: true }],
  ["not heard", { heard: false }],
  ["a rating", { minRating: 4 }],
];
const ORDERS = (["created", "title", "duration", "model"] as const).flatMap((by) =>
  [true, false].map((descending) => ({ by, descending })),
);

describe("lists of clips read an index", () => {
  it.each(LISTS)("filtered by %s, in every order", (_name, filter) => {
    for (const sort of ORDERS) {
      expect(walks(() => listClips(library.db, { ...filter, sort, limit: 50 }, "/"))).toEqual([]);
    }
    // Counting stops at a number where other tables tell: those that are sung are met at each second row.
    expect(walks(() => filter.instrumental === false || countClips(library.db, filter))).toEqual([]);
  });

  it.each(ORDERS)("and the first page of all is not sorted: %j", (sort) => {
    expect(sorts(() => listClips(library.db, { sort, limit: 50 }, "/"))).toEqual([]);
  });

  it.each([
    ["model", { model: ["a"] }],
    ["action", { action: ["a"] }],
    ["state", { state: ["failed"] }],
  ])("nor that of one %s, newest first", (_name, filter) => {
    expect(sorts(() => listClips(library.db, { ...filter, limit: 50 }, "/"))).toEqual([]);
  });
});

const TIMES = ORDERS.filter(({ by }) => by === "created");
const TASK_LISTS = LISTS.filter(([, filter]) => !filter.removed);

describe("lists of tasks read an index", () => {
  it.each(TASK_LISTS)("filtered by %s, by time, from the first page on", (_name, filter) => {
    for (const sort of TIMES) {
      expect(walks(() => listTasks(library.db, { ...filter, sort, limit: 50 }))).toEqual([]);
      const cursor = writeCursor(sortText(sort), [1, "c1"]);
      expect(walks(() => listTasks(library.db, { ...filter, sort, limit: 50, cursor }))).toEqual([]);
    }
    expect(walks(() => countTasks(library.db, filter))).toEqual([]);
  });

  it("and by title and model no row is read but those that are shown", () => {
    for (const sort of ORDERS.filter(({ by }) => by === "title" || by === "model")) {
      const lines = plansOf(() => listTasks(library.db, { sort, limit: 50 })).flatMap(({ plan }) => plan);
      expect(lines.filter((line) => /^SCAN (tasks|listed)\b/.test(line) && !line.includes("COVERING"))).toEqual([
        "SCAN listed VIRTUAL TABLE INDEX 1:",
      ]);
    }
  });

  it("and what is dated or waits for an answer comes from its index in order", () => {
    const lines = plansOf(() => listTasks(library.db, { limit: 50 })).flatMap(({ plan }) => plan);
    expect(lines.filter((line) => line.includes("tasks_listed"))).not.toEqual([]);
    expect(lines.filter((line) => line.includes("tracked_tasks_unanswered"))).not.toEqual([]);
  });
});

describe("searches read an index", () => {
  it.each([["nothing", {}] as [string, Filter], ...LISTS])(
    "filtered by %s, best first and in every order",
    (_name, filter) => {
      for (const text of ["neon", "ne*", "title:neon -night"]) {
        for (const sort of [undefined, ...ORDERS])
          expect(
            walks(() => searchClips(library.db, text, { ...filter, ...(sort && { sort }), limit: 20 }, "/")),
          ).toEqual([]);
        expect(walks(() => countHits(library.db, text, filter))).toEqual([]);
      }
    },
  );
});

describe("other questions read an index too", () => {
  it("show, what is due", () => {
    expect(walks(() => show(library.db, "c1", "/"))).toEqual([]);
    expect(walks(() => dueTaskIds(library.db, { refresh: false, scheduledFor: 1 }))).toEqual([]);
  });

  it("changes since a moment", () => {
    const lines = plansOf(() => changes(library.db, { since: 1, goneCheckIntervalMs: 1 })).flatMap(({ plan }) => plan);
    expect(lines.filter((line) => /^SCAN (?!.*VIRTUAL TABLE)/.test(line))).toEqual([]);
    const indexes = [
      "tasks_updated",
      "tasks_first_seen",
      "clips_first_seen",
      "tracked_tasks_vanished",
      "assets_healed",
    ];
    for (const name of indexes) expect(lines).toContainEqual(expect.stringContaining(`INDEX ${name} (`));
  });

  it("status counts clips, tasks and files from indexes alone", () => {
    const lines = plansOf(() => status(library.db, { kinds: ["audio"], now: 1 })).flatMap(({ plan }) => plan);
    // A range of an index that lacks a column reads the row of each entry: as slow as a walk. Few songs are removed.
    const reads = lines.filter((line) => /^(SCAN (clips|assets)\b|SEARCH (clips|assets)\b.*[<>])/.test(line));
    expect(reads.filter((line) => !/COVERING|INDEX clips_removed /.test(line))).toEqual([]);
  });
});

it("a walk is seen by this test", () => {
  const walk = () => library.db.$client.prepare("select * from clips where lyric = ?").all(1);
  expect(walks(walk)).toHaveLength(1);
});
