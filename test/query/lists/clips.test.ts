import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listClips } from "../../../src/query/lists/clips.ts";
import { countClips } from "../../../src/query/lists/count-clips.ts";
import type { Filter } from "../../../src/query/filter/filter.ts";
import { CREATED, makeLibrary, type Library } from "../library.ts";

let library: Library;
const ids = (filter: Filter) => listClips(library.db, filter, library.assetsRoot).map(({ id }) => id);

beforeEach(() => {
  library = makeLibrary();
  library.clip("a", {
    title: "Neon",
    durationSeconds: 60,
    createdAt: CREATED,
    model: "FUZZ-1.0",
    seed: "4294469624",
    lyric: "la",
    prompt: "pop",
  });
  library.clip("b", { title: "Autumn", durationSeconds: 120, createdAt: CREATED + 1, action: "cover" });
  library.clip("c", { title: "Neon", durationSeconds: 180, createdAt: CREATED + 1, state: "failed" });
  library.clip("d", { durationSeconds: null, createdAt: null });
  library.file("a");
  library.file("a", { kind: "image" });
  library.file("b");
  library.file("b", { kind: "image", state: "failed" });
});
afterEach(() => library[Symbol.dispose]());

describe("listClips", () => {
  it("gives the fields that the contract names, paths only of what is stored", () => {
    const [b, a] = listClips(library.db, { limit: 3 }, library.assetsRoot).slice(1);
    expect(a).toEqual({
      id: "a",
      taskId: "task-of-a",
      title: "Neon",
      model: "FUZZ-1.0",
      action: "generate",
      state: "succeeded",
      durationSeconds: 60,
      createdAt: new Date(CREATED).toISOString(),
      lyric: "la",
      prompt: "pop",
      seed: "4294469624",
      audioPath: join(library.assetsRoot, "a", "a.audio"),
      imagePath: join(library.assetsRoot, "a", "a.image"),
      tags: [],
      starred: false,
      rating: 0,
      plays: 0,
    });
    expect(b).toMatchObject({ id: "b", audioPath: join(library.assetsRoot, "b", "b.audio"), imagePath: null });
  });

  it.each<[string, Filter, string[]]>([
    ["newest first, the later arrival first among equals", {}, ["c", "b", "a", "d"]],
    ["oldest first", { sort: { by: "created", descending: false } }, ["d", "a", "b", "c"]],
    ["by title", { sort: { by: "title", descending: false } }, ["d", "b", "a", "c"]],
    ["by title, descending", { sort: { by: "title", descending: true } }, ["c", "a", "b", "d"]],
    ["by duration, descending", { sort: { by: "duration", descending: true } }, ["c", "b", "a", "d"]],
    ["by model, the oldest first within each", { sort: { by: "model", descending: false } }, ["a", "d", "b", "c"]],
    ["limited", { limit: 2 }, ["c", "b"]],
    ["of a model", { model: ["FUZZ-1.0"] }, ["a"]],
    ["of two models", { model: ["FUZZ-1.0", "FUZZ-2.0"] }, ["c", "b", "a", "d"]],
    ["of an action", { action: ["cover"] }, ["b"]],
    ["in a state", { state: ["failed"] }, ["c"]],
    ["since", { since: CREATED + 1 }, ["c", "b"]],
    ["until", { until: CREATED + 1 }, ["a"]],
    ["at least so long", { minSeconds: 120 }, ["c", "b"]],
    ["at most so long", { maxSeconds: 120 }, ["b", "a"]],
    ["with audio", { has: ["audio"] }, ["b", "a"]],
    ["with audio and cover", { has: ["audio", "image"] }, ["a"]],
    ["without cover", { missing: ["image"] }, ["c", "b", "d"]],
    ["with audio, without cover", { has: ["audio"], missing: ["image"] }, ["b"]],
    ["that do not exist", { model: ["none"] }, []],
  ])("lists clips %s", (_what, filter, expected) => {
    expect(ids(filter)).toEqual(expected);
    expect(countClips(library.db, { ...filter, limit: 1 })).toBe(filter.limit ? 4 : expected.length);
  });

  it.each<[Filter, string]>([
    [{}, "clips_created"],
    [{ model: ["FUZZ-1.0"] }, "clips_model"],
    [{ state: ["failed"] }, "clips_state"],
  ])("reads %j along an index, without sorting", (filter, index) => {
    const statements: string[] = [];
    const prepare = library.db.$client.prepare.bind(library.db.$client);
    library.db.$client.prepare = (text: string) => {
      statements.push(text);
      return prepare(text);
    };
    listClips(library.db, { ...filter, limit: 50 }, library.assetsRoot);
    const parameters = Array(20).fill(null);
    const text = statements[0] ?? "";
    const plan = prepare(`explain query plan ${text}`).all(...parameters.slice(0, text.split("?").length - 1)) as {
      detail: string;
    }[];
    const steps = plan.map(({ detail }) => detail).join("\n");
    expect(steps).toContain(index);
    expect(steps).not.toContain("TEMP B-TREE");
  });
});
