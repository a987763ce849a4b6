import { describe, expect, test } from "vitest";
import type { Fact } from "../../../src/export/songs/look-at-folder.ts";
import { planChanges } from "../../../src/export/songs/plan-changes.ts";
import type { PlannedFile } from "../../../src/export/songs/plan/planned-file.ts";
import type { MadeFile } from "../../../src/export/songs/state.ts";

const planned = (path: string, owner = "a", print = "1"): PlannedFile => ({
  path,
  kind: "audio",
  owner,
  modifiedAt: 0,
  content: { text: "" },
  print,
});
const made = (owner = "a", print = "1", bytes: number | null = 5): MadeFile => ({
  kind: "audio",
  owner,
  print,
  bytes,
  modifiedAt: 0,
});
const lies = (file: string): Fact => ({ bytes: 5, modifiedAt: 0, file, asMade: true, equals: false });
const changed = (file: string): Fact => ({ bytes: 6, modifiedAt: 0, file, asMade: false, equals: false });

/** What is decided, in short. */
function decide(plan: PlannedFile[], before: Record<string, MadeFile>, facts: Record<string, Fact>) {
  const changes = planChanges(plan, new Map(Object.entries(before)), new Map(Object.entries(facts)));
  return [
    ...changes.unchanged.map(({ file }) => `keep ${file.path}`),
    ...changes.moves.map(({ file, from }) => `move ${from} ${file.path}`),
    ...changes.writes.map(({ file, as, replaces }) => `${as} ${file.path}${replaces !== null ? " over" : ""}`),
    ...changes.spellings.map(({ path, spelled }) => `spell ${spelled} ${path}`),
    ...changes.skipped.map(({ path, blocked }) => `${blocked ? "blocked" : "left"} ${path}`),
    ...changes.removals.map(({ path, counted }) => `remove ${path}${counted ? "" : " quietly"}`),
    ...changes.kept.map(({ path }) => `theirs ${path}`),
    ...changes.forgotten.map((path) => `forget ${path}`),
  ];
}

describe("what is done to a folder", () => {
  test.each([
    ["a new song", [planned("x")], {}, { x: "absent" }, ["written x"]],
    ["the same again", [planned("x")], { x: made() }, { x: lies("x") }, ["keep x"]],
    ["one that a person took away", [planned("x")], { x: made() }, { x: "absent" }, ["written x"]],
    ["other tags", [planned("x", "a", "2")], { x: made() }, { x: lies("x") }, ["retagged x over"]],
    ["one that was begun", [planned("x")], { x: made("a", "1", null) }, { x: lies("x") }, ["written x over"]],
    [
      "one that was begun, while the older one with its date lies there",
      [planned("x")],
      { x: { ...made("a", "1", null), modifiedAt: 9e6, before: 0 } },
      { x: lies("x") },
      ["written x over"],
    ],
    ["another name", [planned("y")], { x: made() }, { x: lies("x"), y: "absent" }, ["move x y"]],
    [
      "another name and tags",
      [planned("y", "a", "2")],
      { x: made() },
      { x: lies("x"), y: "absent" },
      ["retagged y", "remove x quietly"],
    ],
    [
      "another spelling, where that is one file",
      [planned("X")],
      { x: made() },
      { x: lies("x"), X: lies("x") },
      ["move x X", "spell x X"],
    ],
    [
      "another's spelling, where that is one file",
      [planned("X", "b")],
      { x: made() },
      { x: lies("x"), X: lies("x") },
      ["written X over", "spell x X", "forget x"],
    ],
    [
      "another spelling, where the file has it already: a run was killed between the rename and its note",
      [planned("X")],
      { x: made(), X: made() },
      { x: lies("X"), X: lies("X") },
      ["move x X"],
    ],
    [
      "two earlier spellings of one file",
      [planned("xx")],
      { XX: made(), Xx: made() },
      { XX: lies("Xx"), Xx: lies("Xx"), xx: lies("Xx") },
      ["move Xx xx", "spell Xx xx", "forget XX"],
    ],
    [
      "two spellings of one file that goes",
      [],
      { x: made(), X: made() },
      { x: lies("X"), X: lies("X") },
      ["remove x", "forget X"],
    ],
    [
      "another spelling of a file that was changed by hand",
      [planned("X")],
      { x: made() },
      { x: changed("x"), X: changed("x") },
      ["blocked X", "forget x"],
    ],
    [
      "another spelling of a file that is as it should be, though its date is not",
      [planned("X")],
      { x: made() },
      { x: changed("x"), X: { ...(changed("x") as object), equals: true } as Fact },
      ["keep X", "forget x"],
    ],
    [
      "two files under two spellings, where these are two",
      [planned("X")],
      { x: made() },
      { x: lies("x"), X: changed("X") },
      ["blocked X", "remove x"],
    ],
    [
      "names that are swapped",
      [planned("y"), planned("x", "b", "2")],
      { x: made(), y: made("b", "2") },
      { x: lies("x"), y: lies("y") },
      ["retagged y over", "retagged x over"],
    ],
    ["one that goes", [], { x: made() }, { x: lies("x") }, ["remove x"]],
    ["one that goes and has gone", [], { x: made() }, { x: "absent" }, ["forget x"]],
    ["one that goes and was changed by hand", [], { x: made() }, { x: changed("x") }, ["theirs x"]],
    ["one that was changed by hand", [planned("x")], { x: made() }, { x: changed("x") }, ["left x"]],
    ["one whose folder became a link", [planned("x")], { x: made() }, { x: "other" }, ["blocked x"]],
    ["a stranger's file", [planned("x")], {}, { x: changed("x") }, ["blocked x"]],
    [
      "a stranger's file with a new name",
      [planned("y")],
      { x: made() },
      { x: lies("x"), y: changed("y") },
      ["blocked y", "remove x"],
    ],
  ] as [string, PlannedFile[], Record<string, MadeFile>, Record<string, Fact>, string[]][])(
    "%s",
    (_what, plan, before, facts, wanted) => {
      expect(decide(plan, before, facts)).toEqual(wanted);
    },
  );

  test("a file that is as it should be is ours, whoever put it there", () => {
    expect(decide([planned("x")], {}, { x: { ...(changed("x") as object), equals: true } as Fact })).toEqual([
      "keep x",
    ]);
  });
});
