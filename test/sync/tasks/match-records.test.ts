import { describe, expect, it } from "vitest";
import { readRecord } from "../../../src/record/wire.ts";
import { matchRecords } from "../../../src/sync/tasks/match-records.ts";

const [A, B, C] = ["a", "b", "c"].map((letter) => `${letter}a6ac2ad-10f2-4e2b-b500-66ec27fe82ad`) as [
  string,
  string,
  string,
];

function answer(value: unknown) {
  const document = JSON.stringify(value);
  return { document, reading: readRecord(document) };
}

describe("matchRecords", () => {
  it("D50: matches by id, never by position", () => {
    const matched = matchRecords([A, B, C], [answer({ id: C }), answer({ id: A })]);
    expect(matched.incoming.map(({ mapped }) => mapped.task.id)).toEqual([C, A]);
    expect(matched).toMatchObject({ notReturned: [B], unrequested: 0, unreadable: [] });
  });

  it("D50: ignores records that were not requested, and empty ones", () => {
    const matched = matchRecords(
      [A],
      [answer({ id: B }), answer({}), answer(null), answer({ id: 5 }), answer({ id: "nonsense" })],
    );
    expect(matched).toMatchObject({ incoming: [], notReturned: [A], unrequested: 3 });
  });

  it("D54: an unreadable record is reported alone, unless another copy can be read", () => {
    const bad = answer({ id: A, response: [] });
    expect(matchRecords([A, B], [bad, answer({ id: B })])).toMatchObject({ unreadable: [{ id: A }], notReturned: [] });
    expect(matchRecords([A], [bad, answer({ id: A })])).toMatchObject({ unreadable: [], notReturned: [] });
  });

  it("D50: of two copies the richer is the record, of equals the first; the other is a version alone, unless it says the same", () => {
    const copies = (...records: object[]) =>
      matchRecords([A], records.map(answer)).incoming.map(({ document, isPrimary, kind }) => [
        document,
        isPrimary,
        kind,
      ]);
    const song = { id: "c", state: "succeeded", audio_url: "https://a.example/1" };
    const [poor, rich, other] = [
      { id: A },
      { id: A, response: { data: [song] } },
      { id: A, more: 1, response: { data: [song] } },
    ];
    const text = (value: object) => JSON.stringify(value);
    expect(copies(poor, rich)).toEqual([
      [text(rich), true, "record"],
      [text(poor), false, "record"],
    ]);
    expect(copies(rich, other)).toEqual([
      [text(rich), true, "record"],
      [text(other), false, "record"],
    ]);
    expect(copies(rich, rich)).toEqual([[text(rich), true, "record"]]);
    expect(copies(poor, rich, poor, other)).toHaveLength(4);
  });

  it("D50: an id that was asked for in capitals is found in small letters", () => {
    const matched = matchRecords([B, A.toUpperCase()], [answer({ id: A })]);
    expect(matched.incoming[0]?.mapped.task.id).toBe(A.toUpperCase());
    expect(matched.notReturned).toEqual([B]);
  });

  it("D50: accepts an id in another case, and saves it under the requested one", () => {
    const matched = matchRecords([A], [answer({ id: A.toUpperCase() })]);
    expect(matched.incoming[0]?.mapped.task.id).toBe(A);
    expect(matched.notReturned).toEqual([]);
  });
});
