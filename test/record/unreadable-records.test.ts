import { describe, expect, it } from "vitest";
import { NotJsonError } from "../../src/record/slice.ts";
import { readRecord, readResult } from "../../src/record/wire.ts";

const ID = "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

describe("what is not seen", () => {
  it.each(["null", "{}", '{"request":{}}', '{"id":null}', '{"id":""}'])("%s", (document) => {
    expect(readRecord(document)).toEqual({ absent: true });
  });
});

describe("what cannot be read", () => {
  it.each<[string, string, object]>([
    ["a number", "5", { id: undefined, unreadable: "the record is no object" }],
    ["a list", "[]", { id: undefined, unreadable: "the record is no object" }],
    ["an id that is a number", '{"id":5}', { id: undefined, unreadable: expect.stringMatching(/^id: ./) }],
    [
      "a request that is a text",
      `{"id":"${ID}","request":"x"}`,
      { id: ID, unreadable: expect.stringMatching(/^request: ./) },
    ],
    [
      "data that is a number",
      `{"id":"${ID}","response":{"data":5}}`,
      { id: ID, unreadable: expect.stringMatching(/^response\.data: ./) },
    ],
    [
      "an id that is too long",
      `{"id":"${"x".repeat(513)}"}`,
      { id: "x".repeat(513), unreadable: expect.stringMatching(/^id: ./) },
    ],
  ])("%s is named, with its id and the reason", (_what, document, reading) => {
    expect(readRecord(document)).toEqual(reading);
  });

  it("text that is no JSON is named by its own id, not by one within it", () => {
    const document = ` {"request":{"id":"inner","x":1},"id":"${ID}","y":NaN}`;
    expect(readRecord(document)).toEqual({
      id: ID,
      unreadable: expect.stringMatching(/^the record is no JSON: .*N/) as unknown,
    });
    expect(() => readRecord('{"request":{"id":"inner"},"y":NaN}')).toThrow(NotJsonError);
    expect(() => readRecord('{"id":"","y":NaN}')).toThrow("the record is no JSON");
    expect(() => readRecord('{"id":5,"y":NaN}')).toThrow("the record is no JSON");
  });

  it("64 levels are read, 65 are not, in a record and in a result", () => {
    const record = (depth: number) => `{"id":"${ID}","other":${nested(depth)}}`;
    expect(readRecord(record(63))).toMatchObject({ id: ID, record: { id: ID } });
    expect(readRecord(record(64))).toEqual({ id: ID, unreadable: "nested more than 64 deep" });
    const result = (depth: number) => `{"task_id":"${ID}","data":[],"other":${nested(depth)}}`;
    expect(readResult(ID, result(63))).toMatchObject({ id: ID, record: { id: ID } });
    expect(readResult(ID, result(64))).toEqual({ id: ID, unreadable: "nested more than 64 deep" });
  });

  it("a result that is no object is named by its task", () => {
    expect(readResult(ID, "5")).toEqual({ id: ID, unreadable: expect.stringMatching(/^response: ./) as unknown });
  });
});

describe("numbers too large for a double", () => {
  const seedOf = (number: string) => {
    const reading = readRecord(`{"id":"${ID}","request":{"seed":${number},"continue_at":${number}}}`);
    return "record" in reading ? reading.record.request?.seed : reading;
  };

  it.each([
    ["12345678901234567890", "12345678901234567890"],
    ["-12345678901234567890", "-12345678901234567890"],
    ["9007199254740993", "9007199254740993"],
    ["9007199254740991", "9007199254740991"],
    ["7", "7"],
    ["1.5", "1.5"],
    ["1e3", "1000"],
  ])("%s keeps its digits", (number, seed) => {
    expect(seedOf(number)).toBe(seed);
  });

  it("what is no whole number is a number beside one that is too large", () => {
    const reading = readRecord(
      `{"id":"${ID}","request":{"seed":12345678901234567890,"continue_at":1.5,"weirdness":1e-3}}`,
    );
    expect(reading).toMatchObject({
      record: { request: { seed: "12345678901234567890", continue_at: 1.5, weirdness: 0.001 } },
    });
  });
});
