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
const lies = (inode: number, bytes = 5): Fact => ({ bytes, modifiedAt: 0, inode, equals: false });

/** What is decided, in short. */
function decide(plan: PlannedFile[], before: Record<string, MadeFile>, facts: Record<string, Fact>) {
  const changes = planChanges(plan, new Map(Object.entries(before)), new Map(Object.entries(facts)));
  return [
    ...changes.unchanged.map(({ file }) => `keep ${file.path}`),
    ...changes.moves.map(({ file, from }) => `move ${from} ${file.path}`),
    ...changes.writes.map(({ file, as, replaces }) => `${as} ${file.path}${replaces !== null ? " over" : ""}`),
    ...changes.skipped.map(({ path, blocked }) => `${blocked ? "blocked" : "left"} ${path}`),
    ...changes.removals.map(({ path, counted }) => `remove ${path}${counted ? "" : " quietly"}`),
    ...changes.kept.map(({ path }) => `theirs ${path}`),
    ...changes.forgotten.map((path) => `forget ${path}`),
  ];
}

describe("what is done to a folder", () => {
  test.each([
    ["a new song", [planned("x")], {}, { x: "absent" }, ["written x"]],
    ["the same again", [planned("x")], { x: made() }, { x: lies(1) }, ["keep x"]],
    ["one that a person took away", [planned("x")], { x: made() }, { x: "absent" }, ["written x"]],
    ["other tags", [planned("x", "a", "2")], { x: made() }, { x: lies(1) }, ["retagged x over"]],
    ["one that was begun", [planned("x")], { x: made("a", "1", null) }, { x: lies(1, 3) }, ["written x over"]],
    [
      "one that was begun, while the older one with its date lies there",
      [planned("x")],
      { x: { ...made("a", "1", null), modifiedAt: 9e6, before: 0 } },
      { x: lies(1, 3) },
      ["written x over"],
    ],
    ["another name", [planned("y")], { x: made() }, { x: lies(1), y: "absent" }, ["move x y"]],
    [
      "another name and tags",
      [planned("y", "a", "2")],
      { x: made() },
      { x: lies(1), y: "absent" },
      ["retagged y", "remove x quietly"],
    ],
    [
      "another spelling, where that is one file",
      [planned("X")],
      { x: made() },
      { x: lies(1), X: lies(1) },
      ["move x X"],
    ],
    [
      "another's spelling, where that is one file",
      [planned("X", "b")],
      { x: made() },
      { x: lies(1), X: lies(1) },
      ["written X", "remove x"],
    ],
    [
      "names that are swapped",
      [planned("y"), planned("x", "b", "2")],
      { x: made(), y: made("b", "2") },
      { x: lies(1), y: lies(2) },
      ["retagged y over", "retagged x over"],
    ],
    ["one that goes", [], { x: made() }, { x: lies(1) }, ["remove x"]],
    ["one that goes and has gone", [], { x: made() }, { x: "absent" }, ["forget x"]],
    ["one that goes and was changed by hand", [], { x: made() }, { x: lies(1, 6) }, ["theirs x"]],
    ["one that was changed by hand", [planned("x")], { x: made() }, { x: lies(1, 6) }, ["left x"]],
    ["one whose folder became a link", [planned("x")], { x: made() }, { x: "other" }, ["blocked x"]],
    ["a stranger's file", [planned("x")], {}, { x: lies(1) }, ["blocked x"]],
    [
      "a stranger's file with a new name",
      [planned("y")],
      { x: made() },
      { x: lies(1), y: lies(2) },
      ["blocked y", "remove x"],
    ],
  ] as [string, PlannedFile[], Record<string, MadeFile>, Record<string, Fact>, string[]][])(
    "%s",
    (_what, plan, before, facts, wanted) => {
      expect(decide(plan, before, facts)).toEqual(wanted);
    },
  );

  test("a file that is as it should be is ours, whoever put it there", () => {
    expect(decide([planned("x")], {}, { x: { ...(lies(1) as object), equals: true } as Fact })).toEqual(["keep x"]);
  });
});
