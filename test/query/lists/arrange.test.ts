import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arrange, type Grouping } from "../../../src/query/lists/arrange.ts";
import { CREATED, makeLibrary, type Library } from "../library.ts";

const DAY = 86_400_000;
let library: Library;
let idOf: Map<number, string>;
beforeAll(() => {
  library = makeLibrary();
  const song = (id: string, task: object, clip: object) => {
    library.task(`t-${id}`, { prompt: id, ...task });
    library.clip(id, { taskId: `t-${id}`, durationSeconds: 60, ...clip });
  };
  song("first", { seed: "1", prompt: "same" }, { createdAt: CREATED, model: "M1", title: "First" });
  song("again", { seed: "2", prompt: "same" }, { createdAt: CREATED + 1, model: "M1" });
  song("cover", { referenceAudioId: "first" }, { createdAt: CREATED + DAY, model: "M2" });
  song("swap", { referenceAudioId: "cover", swapAudioId: "other" }, { createdAt: CREATED + DAY + 1, model: "M1" });
  song("other", {}, { createdAt: CREATED + DAY + 2, model: null });
  song("circle1", { referenceAudioId: "circle2" }, { createdAt: CREATED + DAY + 3, model: "M2" });
  song("circle2", { referenceAudioId: "circle1" }, { createdAt: null, model: "M2" });
  const rows = library.db.$client.prepare("select rowid_key as key, id from clips").all() as {
    key: number;
    id: string;
  }[];
  idOf = new Map(rows.map(({ key, id }) => [key, id]));
});
afterAll(() => library[Symbol.dispose]());

const arranged = (group: Grouping | undefined, { stacked = false, filter = {} } = {}) => {
  const { keys, groups, songs, stacks } = arrange(library.db, filter, { stacked, group, timezone: "UTC" });
  return { ids: keys.map((key) => idOf.get(key)).join(" "), groups, songs, stacks };
};

describe("an arranged list", () => {
  it("is the list itself without a grouping", () => {
    expect(arranged(undefined)).toMatchObject({ ids: "circle1 other swap cover again first circle2", groups: [] });
  });

  it("has a row a stack, and counts the songs in them", () => {
    const { ids, songs, stacks } = arranged(undefined, { stacked: true });
    expect([ids, songs]).toEqual(["circle1 other swap cover again circle2", 7]);
    expect([...(stacks?.values() ?? [])].find(({ size }) => size === 2)?.clips).toEqual(["again", "first"]);
  });

  it("is grouped by its models, in the order of their first songs", () => {
    const { ids, groups } = arranged("model");
    expect(ids).toBe("circle1 cover circle2 swap again first other");
    expect(groups).toEqual([
      { key: "M2", clips: 3, songs: 3, minutes: 3 },
      { key: "M1", clips: 3, songs: 3, minutes: 3 },
      { key: null, clips: 1, songs: 1, minutes: 1 },
    ]);
  });

  it("is grouped by its families, each named after the song that it began with, and the rest together", () => {
    const { ids, groups } = arranged("family");
    expect(ids).toBe("circle1 circle2 swap cover first other again");
    expect(groups).toEqual([
      { key: "circle1", title: null, clips: 2, songs: 2, minutes: 2 },
      { key: "first", title: "First", clips: 3, songs: 3, minutes: 3 },
      { key: null, clips: 2, songs: 2, minutes: 2 },
    ]);
  });

  it("is grouped by its days, or by longer times while these have few songs each", () => {
    const year = String(new Date(CREATED).getUTCFullYear());
    expect(arranged("day").groups.map(({ key, clips }) => [key, clips])).toEqual([
      [`${year}-11`, 6],
      [null, 1],
    ]);
    const days = arranged("day", { filter: { since: CREATED + DAY, until: CREATED + 2 * DAY } }).groups;
    expect(days).toMatchObject([{ key: `${year}-11-21`, clips: 4 }]);
    const few = arranged("day", { filter: { until: CREATED + 1 } }).groups;
    expect(few).toEqual([{ key: year, clips: 1, songs: 1, minutes: 1 }]);
  });
});
