import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { taskDocuments } from "../../../src/db/schema.ts";
import { history } from "../../../src/query/history/history.ts";
import { differences, isRotated } from "../../../src/query/history/differences.ts";
import { runCommand } from "../../cli/run-command.ts";
import { CREATED, makeLibrary, type Library } from "../library.ts";

const UUID = "1dd08826-478e-43a6-868f-aff5ababac2c";

describe("differences", () => {
  it.each([
    ["a new value", '{"a":1}', '{"a":2}', [{ path: "a", change: "changed", old: 1, new: 2 }]],
    ["digits count", '{"a":1}', '{"a":1.0}', [{ path: "a", change: "changed", old: 1, new: 1 }]],
    ["the order of keys does not", '{"a":1,"b":2}', '{ "b":2,"a":1}', []],
    ["null is not absent", '{"a":null}', "{}", [{ path: "a", change: "removed", old: null }]],
    ["lists by position", '{"a":[1]}', '{"a":[1,{"b":2}]}', [{ path: "a[1]", change: "added", new: { b: 2 } }]],
    ["a list that is none any more", '{"a":[]}', '{"a":{}}', [{ path: "a", change: "changed", old: [], new: {} }]],
    ["odd names", '{"a":{"b c":1}}', '{"a":{}}', [{ path: 'a["b c"]', change: "removed", old: 1 }]],
    ["__proto__ as a name", '{"__proto__":1}', '{"__proto__":2}', [{ path: "__proto__", old: 1, new: 2 }]],
    [
      "a rotated address",
      `{"u":"https://a.com/x/${UUID}.m4a?sig=1"}`,
      `{"u":"https://a.com/x/${UUID}.m4a?sig=2"}`,
      [{ path: "u", change: "rotated" }],
    ],
  ])("%s", (_what, older, newer, expected) => {
    const found = JSON.parse(JSON.stringify(differences(older, newer))) as object[];
    expect(found).toHaveLength(expected.length);
    expect(found).toMatchObject(expected);
  });

  it("keeps every digit of a number", () => {
    const [one] = differences('{"seed":1}', '{"seed":12345678901234567890}');
    expect(JSON.stringify(one)).toContain('"new":12345678901234567890');
  });

  it("of a document and itself there are none, and what was set is found", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(differences(text, text)).toEqual([]);
        expect(differences(`{"x":${text}}`, `{"x":{"never":"there","was":${text}}}`).length).toBeGreaterThan(0);
      }),
    );
  });
});

describe("isRotated", () => {
  it.each([
    [`https://a.com/x/${UUID}.m4a`, `https://b.com/y/${UUID}.m4a?s=1`, true],
    ["https://a.com/x/audio.m4a", "https://b.com/x/audio.m4a", true],
    ["https://a.com/x/audio.m4a", "https://a.com/y/audio.m4a", false],
    [`https://a.com/${UUID}.m4a`, `https://a.com/${UUID}.mp3`, false],
    ["https://a.com/", "https://b.com/", false],
    ["no url", "no url either", false],
    [1, "https://a.com/x", false],
    ["https://[bad", "https://a.com/x", false],
  ])("%s and %s: %s", (older, newer, expected) => expect(isRotated(older, newer)).toBe(expected));
});

describe("history", () => {
  let library: Library;
  beforeEach(() => {
    library = makeLibrary();
    library.task("t1", { document: '{"id":"t1","response":{"state":"pending"}}', documentVersion: 3 });
    library.clip("c1", { taskId: "t1" });
    library.tracked("t0");
    const add = (version: number, kind: string, document: string) =>
      library.db
        .insert(taskDocuments)
        .values({ taskId: "t1", version, kind, fetchedAt: CREATED + version, sha256: "1".repeat(64), document })
        .run();
    add(2, "result", '{"success":true}');
    add(3, "record", '{"id":"t1","response":{"state":"succeeded","evil":"\\u001b[2J\\n"}}');
  });
  afterEach(() => library[Symbol.dispose]());

  it("compares each version with the one before of its kind", () => {
    expect(history(library.db, "c1")).toMatchObject({ kind: "clip", id: "c1", taskId: "t1" });
    expect(history(library.db, "t1").versions).toMatchObject([
      { version: 1, against: null, differences: [], current: false },
      { version: 2, kind: "result", against: null, differences: [] },
      { version: 3, against: 1, current: true, fetchedAt: new Date(CREATED + 3).toISOString(), differences: [{}, {}] },
    ]);
    expect(history(library.db, "t0").versions).toEqual([]);
  });

  it("is a report with the archive's path first, safe on a terminal, or JSON", async () => {
    const { stdout, exitCode } = await runCommand(library.home, ["history", "t1"]);
    expect(exitCode).toBe(0);
    expect(stdout.split("\n")[0]).toBe(library.home);
    expect(stdout).toContain('~ response.state  "pending" → "succeeded"');
    expect(stdout).toContain("2 differences from version 1  current");
    expect(stdout).not.toContain("\u001b");
    expect((await runCommand(library.home, ["history", "t0"])).stdout).toContain("never answered");
    const json = JSON.parse((await runCommand(library.home, ["history", "t1", "--json"])).stdout) as object;
    expect(json).toMatchObject({ versions: [{}, {}, { differences: [{ old: "pending", new: "succeeded" }, {}] }] });
  });

  it.each([
    ["nope", "not_found"],
    ["t", "ambiguous_id"],
    ["", "usage"],
  ])("refuses %j with exit 2", async (id, code) => {
    const { stdout, exitCode } = await runCommand(library.home, ["history", id, "--json"]);
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code, exit: 2 } });
  });
});
