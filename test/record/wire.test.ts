import { describe, expect, it, test } from "vitest";
import { mapRecord } from "../../src/record/map.ts";
import { readRecord, readResult, type WireRecord } from "../../src/record/wire.ts";

function read(document: string): WireRecord {
  const reading = readRecord(document);
  if (!("record" in reading)) throw new Error(JSON.stringify(reading));
  return reading.record;
}

describe("readRecord", () => {
  test.each([
    ["1767119745.524", 1767119745524],
    ['"1767119745.524"', 1767119745524],
    ['"2025-12-30T18:36:00.994141Z"', Date.UTC(2025, 11, 30, 18, 36, 0, 994)],
    ['"2025-12-30T18:36:00+02:00"', Date.UTC(2025, 11, 30, 16, 36)],
    ['"2025-12-30T18:36:00"', Date.UTC(2025, 11, 30, 18, 36)],
    ['"2025-12-30 18:36:00.5"', Date.UTC(2025, 11, 30, 18, 36, 0, 500)],
    ['"2025-12-30"', Date.UTC(2025, 11, 30)],
    ["1767119745524", 1767119745524],
    ['"1767119745524"', 1767119745524],
    ["1767119745524123", 1767119745524],
    ["1767119745524123456", 1767119745524],
    ["1.767119745524e12", 1767119745524],
    ["-1767119745", null],
    ["253402300799", 253402300799],
    ["57967119745", null],
    ['"2025-12-30T18:36:00,994Z"', Date.UTC(2025, 11, 30, 18, 36, 0, 994)],
    ['"2025-12-30T18:36:00+05:45"', Date.UTC(2025, 11, 30, 12, 51)],
    ['"2025-12-30T18:36:00-0330"', Date.UTC(2025, 11, 30, 22, 6)],
    ['"2025-12-30T18:36+01"', Date.UTC(2025, 11, 30, 17, 36)],
    ['"2025-12-30 18:36:00.5 +0000 UTC"', Date.UTC(2025, 11, 30, 18, 36, 0, 500)],
    ['"2025-12-30T18:36:00Z[UTC]"', Date.UTC(2025, 11, 30, 18, 36)],
    ['"Tue, 30 Dec 2025 18:36:00 GMT"', Date.UTC(2025, 11, 30, 18, 36)],
    ['"2025-12-30T18:36:00+99:00"', null],
    ['"NaN"', null],
    ['"0x10"', null],
    ['"9999-12-31T23:59:59Z"', null],
    ["0", 0],
    ["1e400", null],
    ["1e20", null],
    ['"soon 5"', null],
    ['"2025-13-45T00:00:00Z"', null],
    ["true", null],
    ["{}", null],
  ])("D54: created_at %s is %s, in any time zone", (json, milliseconds) => {
    expect(read(`{"id":"x","created_at":${json}}`).created_at).toBe(milliseconds);
  });

  test.each([
    ['"12.3"', 12.3],
    ['"135.2330158730159"', 135.2330158730159],
    ["12", 12],
    ["false", null],
    ['""', null],
    ['"long"', null],
    ["1e400", null],
    ["-5", null],
    ["1e300", null],
    ["[1]", null],
  ])("D54: a duration of %s is %s", (json, seconds) => {
    expect(mapRecord(read(`{"id":"x","response":{"data":[{"duration":${json}}]}}`)).clips[0]?.durationSeconds).toBe(
      seconds,
    );
  });

  test.each([
    ['"4294469624"', "4294469624"],
    ["4294469624", "4294469624"],
    ["9007199254740993", "9007199254740993"],
    ["-12345678901234567890", "-12345678901234567890"],
    ["1e400", null],
    ["null", null],
    ["{}", null],
  ])("D54: a seed of %s is %s", (json, seed) => {
    expect(read(`{"id":"x","request":{"seed":${json}},"created_at":1.5}`)).toMatchObject({
      created_at: 1500,
      request: { seed },
    });
  });

  test.each([
    ['{"id":5}', undefined],
    ['{"id":["x"]}', undefined],
    ["[1]", undefined],
    ['"x"', undefined],
    ['{"id":"x","response":[]}', "x"],
    ['{"id":"x","response":"gone"}', "x"],
    ['{"id":"x","response":{"data":[null]}}', "x"],
    ['{"id":"x","request":[]}', "x"],
    [`{"id":"${"x".repeat(600)}"}`, "x".repeat(600)],
    [`{"id":"x","a":${"[".repeat(64)}${"]".repeat(64)}}`, "x"],
    [`{"id":"x","a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, "x"],
  ])("D54: %.60s is unreadable, and says whose it is", (document, id) => {
    expect(readRecord(document)).toEqual({ id, unreadable: expect.any(String) as string });
  });

  it("D55: takes what is 64 deep", () => {
    expect(read(`{"id":"x","a":${"[".repeat(63)}${"]".repeat(63)}}`).id).toBe("x");
  });

  it("D57: makes lone surrogates whole, in the id as well", () => {
    expect(read('{"id":"\\ud800","trace_id":"a\\udfffb"}')).toMatchObject({ id: "\ufffd", trace_id: "a\ufffdb" });
  });

  it("D53: keeps the words that the vendor's SDKs send in place of numbers from the columns", () => {
    expect(read('{"id":"x","request":{"weirdness":false,"continue_at":false,"custom":"true"}}').request).toMatchObject({
      weirdness: null,
      continue_at: null,
      custom: true,
    });
  });
});

describe("readResult", () => {
  it("D55: refuses what is too deep", () => {
    expect(readResult("x", `{"data":[${"[".repeat(100)}${"]".repeat(100)}]}`)).toEqual({
      id: "x",
      unreadable: expect.any(String) as string,
    });
  });

  it("never throws on what is no result", () => {
    for (const body of ["[]", "1", '"x"', "true"]) expect(readResult("x", body)).toHaveProperty("unreadable");
  });
});
