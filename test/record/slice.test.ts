import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { measure, NotJsonError, sliceRecords } from "../../src/record/slice.ts";
import { readRecord } from "../../src/record/wire.ts";
import { fixtureText } from "../helpers/fixture.ts";

const blank = fc.string({ unit: fc.constantFrom(" ", "\n", "\t", "\r"), maxLength: 3 });
const scalar = fc.oneof(
  fc.constantFrom(
    "1.0",
    "-0",
    "1E5",
    "12345678901234567890",
    "0.10",
    "true",
    "null",
    '""',
    '"\\u2019"',
    '"’"',
    '"a\\"}]b"',
    '"\\\\"',
  ),
  fc.string().map((text) => JSON.stringify(text)),
);

/** JSON text that JSON.stringify would never write so: blanks, odd numbers and escapes, repeated keys. */
const { value: anyJson } = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof({ maxDepth: 4, depthIdentifier: "json" }, scalar, tie("object"), array(tie("value"))),
  object: object(tie("value")),
}));

function array(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(blank, fc.array(fc.tuple(value, blank), { maxLength: 4 }))
    .map(([open, items]) => `[${open}${items.map((item) => item.join("")).join(",")}]`);
}

function object(value: fc.Arbitrary<string>, more: fc.Arbitrary<string>[] = []): fc.Arbitrary<string> {
  const key = fc.oneof(
    fc.constantFrom('"id"', '"items"', '"__proto__"', '"a\\u0062"'),
    fc.string().map((text) => JSON.stringify(text)),
  );
  const pair = fc
    .tuple(key, blank, blank, value, blank)
    .map(([name, one, two, member, three]) => `${name}${one}:${two}${member}${three}`);
  return fc
    .tuple(blank, fc.array(fc.oneof(pair, ...more), { maxLength: 4 }), blank)
    .map(([open, pairs, close]) => `{${open}${pairs.join(`,${close}`)}}`);
}

const record = object(anyJson);
const envelope = fc
  .tuple(
    fc.array(record, { maxLength: 6 }),
    fc.array(blank, { minLength: 8, maxLength: 8 }),
    fc.boolean(),
    fc.boolean(),
    anyJson,
  )
  .map(([records, [a, b, c, d, e, f, g, h], first, bom, other]) => {
    const items = `"items"${a}:${b}[${c}${records.join(`${d},${e}`)}${f}]`;
    const parts = [items, `"count"${a}:${b}7`, `"more":${other}`];
    return {
      records,
      body: `${bom ? "\uFEFF" : ""}${g}{${h}${(first ? parts : parts.toReversed()).join(",")}${g}}${h}`,
    };
  });

describe("sliceRecords", () => {
  it("gives back the exact characters of each record of any envelope", () => {
    fc.assert(
      fc.property(envelope, ({ records, body }) => {
        expect(sliceRecords(body)).toEqual({ batch: true, records });
      }),
      { numRuns: 1000 },
    );
  });

  it("gives a single record as the exact characters between its braces", () => {
    const document = '{ "id": "x", "n": 1.0, "big": 12345678901234567890, "quote": "\\u2019", "b": 1, "a": 2 }';
    expect(sliceRecords(`\uFEFF \n${document}\r\n `)).toEqual({ batch: false, records: [document] });
  });

  it("finds both records of the batch that has one id twice", () => {
    const { batch, records } = sliceRecords(fixtureText("retrieve_batch_same_id_twice.json"));
    expect(batch).toBe(true);
    expect(records.map((text) => (JSON.parse(text) as { id: string }).id)).toEqual(
      Array(2).fill("1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad"),
    );
  });

  it("takes the last of repeated keys, as JSON.parse does", () => {
    expect(sliceRecords('{"items":[{"id":"a"}],"items":[{"id":"b"}]}').records).toEqual(['{"id":"b"}']);
    expect(sliceRecords('{"items":[{"id":"a"}],"items":null}').batch).toBe(false);
  });

  it.each(['{"items":{"id":"a"}}', '{"items":null}', '{"items":"[]"}', "{}"])("D49: %s is no batch", (body) => {
    expect(sliceRecords(body)).toEqual({ batch: false, records: [body] });
  });

  it.each([
    "",
    " ",
    "null",
    "[]",
    "<html><body>502</body></html>",
    "upstream connect error",
    '{"items":[{"id":"a"}',
    '{"items":[{"id":"a"}],"count":1',
    '{"items":[{"id":"a"},]}',
    '{"items":[,{"id":"a"}]}',
    '{"items":[{"id":"a"}{"id":"b"}]}',
    '{"items":[{"id":"a"}],}',
    '{"items":[{"id":"a"}]}}',
    '{"items":[{"id":"a"}]} {"items":[]}',
    '{"id":"a"} and more',
    '{"items":[{"id":"a"}]\u000b}',
    '{"items":[\u000c{"id":"a"}]}',
    '{"it\\qems":[]}',
    "{items:[]}",
    '{"items" []}',
    '{"items":[{"id":"a}]}',
    '{"a":1 "b":2}',
    '{"a":}',
  ])("D49: %j is no JSON answer", (body) => {
    expect(() => sliceRecords(body).records.map(readRecord)).toThrow(NotJsonError);
  });

  it("D49: never takes a cut answer for a whole one, wherever it is cut", () => {
    const body = fixtureText("retrieve_batch_same_id_twice.json").trim();
    for (let length = 0; length < body.length; length += 7) {
      expect(() => sliceRecords(body.slice(0, length)).records.map(readRecord)).toThrow(NotJsonError);
    }
  });

  it("D49: never takes mangled text for JSON, whatever is mangled: it is no answer, or one record of it is unreadable", () => {
    const text = fixtureText("retrieve_batch_same_id_twice.json");
    const cut = fc.tuple(
      fc.nat(text.length),
      fc.nat(20),
      fc.constantFrom("", "{", "}", "]", '"', ",", "\\", "1", "\u0000"),
    );
    fc.assert(
      fc.property(cut, ([at, length, put]) => {
        const mangled = text.slice(0, at) + put + text.slice(at + length);
        if (isJson(mangled)) return;
        expect(troublesOf(mangled)).not.toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it("D55: walks 200,000 brackets without a stack, and tells how deep they go", () => {
    const deep = `{"items":[{"id":"a","x":${"[".repeat(200_000)}${"]".repeat(200_000)}},{"id":"b"}]}`;
    const { records } = sliceRecords(deep);
    expect(records).toHaveLength(2);
    expect(measure(records[0] ?? "").depth).toBe(200_001);
    expect(records.map(readRecord)).toEqual(
      [
        { id: "a", unreadable: "nested more than 64 deep" },
        { absent: false, ...readRecord('{"id":"b"}') },
      ].map(({ absent: _absent, ...reading }: Record<string, unknown>) => reading),
    );
  });

  it("D55: refuses an answer of a million items at once", () => {
    expect(() => sliceRecords(`{"items":[${"{},".repeat(999_999)}{}]}`)).toThrow(NotJsonError);
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What an answer is refused for: as a whole, or record by record. */
function troublesOf(body: string): string[] {
  try {
    const readings = sliceRecords(body).records.map(readRecord);
    return readings.flatMap((reading) => ("unreadable" in reading ? [reading.unreadable] : []));
  } catch (error) {
    if (!(error instanceof NotJsonError)) throw error;
    return [error.message];
  }
}
