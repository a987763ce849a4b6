import { describe, expect, it } from "vitest";
import { findRecords } from "../../src/record/find-records.ts";
import { fixtureText } from "../helpers/fixture.ts";

const ID = "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const record = fixtureText("retrieve.json").trim();
const callback = fixtureText("callback.json").trim();
const line = (text: string) => JSON.stringify(JSON.parse(text));

describe("findRecords", () => {
  it("takes a record as the exact characters between its braces", () => {
    expect(findRecords(`\uFEFF\n ${record}\n`)).toEqual([{ kind: "record", taskId: ID, document: record }]);
  });

  it("takes the items of a batch, of an array and of both in one another", () => {
    const both = `[${record} , {"items" : [ ${record},{} ]}, [${callback}]]`;
    expect(findRecords(both).map(({ kind, document }) => [kind, document])).toEqual([
      ["record", record],
      ["record", record],
      ["result", callback],
    ]);
  });

  it("takes NDJSON line by line, and goes on after a torn or foreign one", () => {
    const text = [line(record), '{"id":"torn', "not JSON", line(callback)].join("\r\n");
    expect(findRecords(text).map(({ kind }) => kind)).toEqual(["record", "result"]);
  });

  it("names a task in lower case", () => {
    expect(findRecords(record.replaceAll(ID, ID.toUpperCase()))[0]?.taskId).toBe(ID);
  });

  it.each([
    ["an answer that only says where to ask", `{"task_id":"${ID}"}`],
    ["a clip", `{"id":"${ID}","title":"x"}`],
    ["a record whose id is none", '{"id":"../../etc","request":{}}'],
    ["an error without a task", fixtureText("error_500.json")],
    ["a number", "1"],
    ["words", `task ${ID}`],
    ["nothing", ""],
    ["a list of ids", `["${ID}"]`],
  ])("finds none in %s", (_what, text) => {
    expect(findRecords(text)).toEqual([]);
  });

  it("gives up on lists in lists without a stack", () => {
    expect(findRecords(`${"[".repeat(100_000)}${record}${"]".repeat(100_000)}`)).toEqual([]);
  });
});
