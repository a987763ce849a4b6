import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { mapRecord } from "../../src/record/map.ts";
import { classify, classifyClip } from "../../src/record/state.ts";
import { readRecord, readResult, type WireRecord } from "../../src/record/wire.ts";
import { fixture, fixtureText } from "../helpers/fixture.ts";
import { STATE_TABLE } from "./state-table.ts";
import { VENDOR_DONE, VENDOR_FAILED, VENDOR_TABLE } from "./vendor-table.ts";

const ID = "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";

function read(fields: object): WireRecord {
  const reading = readRecord(JSON.stringify({ id: ID, ...fields }));
  if (!("record" in reading)) throw new Error(JSON.stringify(reading));
  return reading.record;
}

const word = fc.constantFrom(
  "succeeded",
  "complete",
  "failed",
  "error",
  "pending",
  "processing",
  "melted",
  "",
  null,
  7,
);
const url = fc.constantFrom("https://x/a.m4a", "", " ", null, undefined, 5);
const clip = fc.record(
  {
    id: fc.constantFrom("a", "b"),
    state: word,
    status: word,
    audio_url: url,
    image_url: url,
    stems_url: url,
    file_url: url,
  },
  { requiredKeys: [] },
);
const response = fc.record(
  {
    success: fc.constantFrom(true, false, null, "true"),
    status: word,
    state: word,
    error: fc.constantFrom(
      null,
      "",
      "provider timeout",
      {},
      { message: "m" },
      { code: "api_error", message: "m" },
      { code: 7 },
    ),
    data: fc.oneof(fc.array(clip, { maxLength: 3 }), clip, fc.constant(null)),
  },
  { requiredKeys: [] },
);
const anyRecord = fc.record(
  {
    type: fc.constantFrom("audios", "lyrics", "wav", "videos", "upload", "stems", null),
    state: word,
    finished_at: fc.constantFrom(1767119785.5, "2025-12-30T18:36:25Z", null, "soon"),
    response: fc.oneof(response, fc.constant(null)),
  },
  { requiredKeys: [] },
);

describe("classify", () => {
  test.each(STATE_TABLE)("D53: $what is $state", ({ record, state, reason, unknown = [] }) => {
    expect(classify(read(record))).toEqual({ state, reason, unknownWords: unknown });
  });

  it("D53: has a row for each of at least 40 records", () => {
    expect(new Set(STATE_TABLE.map((row) => JSON.stringify(row.record))).size).toBeGreaterThanOrEqual(40);
  });

  it.each(["{}", "null", '{"id":null}', '{"id":""}', '{"trace_id":"x"}'])(
    "D53: %s is not seen, never unreadable",
    (document) => {
      expect(readRecord(document)).toEqual({ absent: true });
    },
  );

  it("D53: reads the real record as succeeded, and the same task's callback", () => {
    expect(classify(read(fixture("retrieve.json"))).state).toBe("succeeded");
    const result = readResult(ID, fixtureText("callback.json"));
    expect("record" in result && classify(result.record, true).state).toBe("succeeded");
  });

  it("D53: wants no file of a task that is open, however many URLs it shows", () => {
    fc.assert(
      fc.property(anyRecord, fc.boolean(), (fields, final) => {
        const mapped = mapRecord(read(fields), final);
        const open = mapped.task.state === "pending";
        expect(open && mapped.assets.length > 0).toBe(false);
        expect(!open && mapped.clips.some((one) => one.state === "pending")).toBe(false);
      }),
    );
  });

  it("D53: is terminal only with evidence", () => {
    fc.assert(
      fc.property(anyRecord, (fields) => {
        const record = read(fields);
        const { state } = classify(record);
        const text = JSON.stringify([fields.state, fields.response]);
        const saysEnd =
          record.finished_at !== null || /succeeded|complete|failed|error|"success":(true|"true")/.test(text);
        expect(saysEnd || state === "pending").toBe(true);
        expect(state === "succeeded" && /processing|pending|melted/i.test(text)).toBe(false);
        expect(state === "partial" && !text.includes("https:")).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it("D53: `final` only ends what was open: a terminal state stays the same one", () => {
    fc.assert(
      fc.property(anyRecord, (fields) => {
        const record = read(fields);
        const { state } = classify(record);
        expect(state === "pending" ? state : classify(record, true).state).toBe(state);
      }),
      { numRuns: 3000 },
    );
  });

  it("D53: never throws, whatever JSON comes", () => {
    const readAll = (json: string, key: string) => {
      const documents = [json, `{"id":"x","${key}":${json}}`, `{"id":"x","response":{"data":${json}}}`];
      const mapped = documents.map(readRecord).map((reading) => "record" in reading && mapRecord(reading.record));
      return [...mapped, readResult("x", json)].length;
    };
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 6 }),
        fc.constantFrom("response", "request", "data", "id", "type"),
        (json, key) => {
          expect(readAll(json, key)).toBe(4);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("the rules of the vendor's SDK", () => {
  test.each(VENDOR_TABLE)("32: $what: $vendor there, $ours here", ({ record, vendor, ours, why }) => {
    expect(classify(read({ type: "audios", ...record })).state).toBe(ours);
    expect(why !== undefined, "a difference has a reason").toBe(ours !== vendor.replace("running", "pending"));
  });

  test.each(VENDOR_DONE)("32: a song that says %s is done", (state) => {
    const data = [{ id: "b", state: state.toUpperCase(), audio_url: "https://x.example/b.m4a" }];
    expect(classify(read({ response: { data } })).state).toBe("succeeded");
    expect(
      classify(read({ response: { status: state, finished_at: 1767119785, data: [{ ...data[0], state: null }] } }))
        .state,
    ).toBe("succeeded");
  });

  test.each(VENDOR_FAILED)("32: a song that says %s has failed", (state) => {
    expect(classify(read({ response: { data: [{ id: "b", state }] } })).state).toBe("failed");
  });

  it("32: when a task ended is read from its response too", () => {
    const { task } = mapRecord(read({ response: { finished_at: "2025-12-30T18:36:25Z", success: true, data: [] } }));
    expect(task.finishedAt).toBe(Date.UTC(2025, 11, 30, 18, 36, 25));
  });
});

describe("classifyClip", () => {
  const clipOf = (fields: object) =>
    read({ response: { data: [fields] } }).response?.data as never as [Parameters<typeof classifyClip>[0]];

  it.each([
    [{ audio_url: "https://x/a.m4a" }, "pending", "pending"],
    [{ audio_url: "https://x/a.m4a" }, "succeeded", "succeeded"],
    [{ audio_url: "https://x/a.m4a", state: "failed" }, "partial", "failed"],
    [{ image_url: "https://x/a.jpg", state: "succeeded" }, "partial", "failed"],
    [{ state: "succeeded", stems_url: "https://x/a.zip" }, "succeeded", "succeeded"],
  ] as const)("%j of a task that is %s is %s", (fields, task, state) => {
    expect(classifyClip(clipOf(fields)[0], task)).toBe(state);
  });
});
