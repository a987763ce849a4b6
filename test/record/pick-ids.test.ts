import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { checkIds, pickIds } from "../../src/record/pick-ids.ts";
import { fixtureText } from "../helpers/fixture.ts";

const TASK = "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const OTHER = "2b6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const DECOY = "dddddddd-10f2-4e2b-b500-66ec27fe82ad";

/** JSON of any shape with ids where an id counts and others where it does not. */
type Planted = { value: unknown; wanted: string[] };
const uuid = fc.uuid();
const nothing: fc.Arbitrary<Planted> = fc
  .oneof(
    fc.constantFrom(null, 1, true, "x", ""),
    uuid.map((id) => ({ trace_id: id, id, audio_id: id })),
    uuid.map((id) => ({ clip_ids: [id], user_ids: [[id]] })),
  )
  .map((value) => ({ value, wanted: [] }));
const position: fc.Arbitrary<Planted> = fc.oneof(
  uuid.map((id) => ({ value: { task_id: id }, wanted: [id] })),
  fc
    .tuple(uuid, uuid, uuid)
    .map(([id, clip, trace]) => ({ value: { id, request: { audio_id: clip }, trace_id: trace }, wanted: [id] })),
  fc.tuple(uuid, uuid).map(([id, clip]) => ({
    value: { response: { data: [{ id: clip, image_id: clip }] }, id: id.toUpperCase() },
    wanted: [id],
  })),
  fc.array(uuid).map((ids) => ({ value: { ids }, wanted: ids })),
  fc.array(uuid).map((ids) => ({ value: ids, wanted: ids })),
  uuid.map((id) => ({ value: { audio_url: `https://x/${id}/a.m4a`, text: `see ${id}` }, wanted: [] })),
);
const { tree } = fc.letrec<{ tree: Planted }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    nothing,
    position,
    fc
      .array(tie("tree"), { maxLength: 4 })
      .map((parts) => ({ value: parts.map((part) => part.value), wanted: parts.flatMap((part) => part.wanted) })),
    fc
      .dictionary(fc.constantFrom("a", "items", "list", "__proto__", "more"), tie("tree"), { maxKeys: 3 })
      .map((parts) => ({
        value: parts && Object.fromEntries(Object.entries(parts).map(([key, part]) => [key, part.value])),
        wanted: Object.values(parts).flatMap((part) => part.wanted),
      })),
  ),
}));
const container = tree.filter(({ value }) => typeof value === "object" && value !== null);

function sorted(ids: string[]): string[] {
  return [...new Set(ids)].toSorted();
}

describe("pickIds", () => {
  it("finds what is planted in JSON of any shape, and none of the decoys", () => {
    fc.assert(
      fc.property(container, fc.constantFrom(undefined, 1, 3), fc.boolean(), ({ value, wanted }, indent, bom) => {
        const picked = pickIds((bom ? "\uFEFF" : "") + JSON.stringify(value, null, indent));
        expect(sorted(picked.ids)).toEqual(sorted(wanted));
        expect(picked.repeated).toBe(wanted.length - picked.ids.length);
        expect(picked.rejected).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it("finds the same line by line", () => {
    fc.assert(
      fc.property(fc.array(container, { minLength: 2, maxLength: 5 }), fc.constantFrom("\n", "\r\n"), (lines, end) => {
        const picked = pickIds(lines.map(({ value }) => JSON.stringify(value)).join(end));
        expect(sorted(picked.ids)).toEqual(sorted(lines.flatMap((line) => line.wanted)));
      }),
      { numRuns: 300 },
    );
  });

  it("never throws, and gives distinct uuids in lower case, for any text", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 300 }),
          fc.json(),
          fc.tuple(fc.json(), fc.nat(80)).map(([json, cut]) => json.slice(0, cut)),
        ),
        (text) => {
          const { ids } = pickIds(text);
          expect(sorted(ids)).toHaveLength(ids.length);
          for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test.each([
    ["a log line", `12:00 task ${TASK.toUpperCase()} done`, [TASK]],
    ["a log that begins with a bracket", `[2026-11-22] task ${TASK} done`, [TASK]],
    ["CSV", `song;"${TASK}",https://x/${DECOY}/a.m4a\n"${OTHER}";2`, [TASK, OTHER]],
    ["a URL and an id", `https://x/${DECOY} ${TASK}`, [TASK]],
    ["a URL with an id in its query", `see https://x/?task=${DECOY}&b=1`, []],
    ["another scheme", `s3://bucket/${DECOY}.m4a\nFTP://x/${DECOY}`, []],
    ["a file name of a clip", `${DECOY}_0.m4a`, []],
    ["more digits around", `a${DECOY} ${DECOY}0 ${DECOY}-1`, []],
    ["Windows lines", `${TASK}\r\n${OTHER}\r\n`, [TASK, OTHER]],
    ["JSON that is cut", fixtureText("retrieve_batch_same_id_twice.json").slice(0, 1500), [TASK]],
    [
      "a line of NDJSON that is cut",
      `{"task_id":"${TASK}","data":[]}\n{"id":"${DECOY}","trace_id":"${DECOY}","requ`,
      [TASK],
    ],
    ["a torn line that still names its task", `{"task_id": "${TASK}", "trace_id":"${DECOY}","da`, [TASK]],
    ["the real record", fixtureText("retrieve.json"), [TASK]],
    ["the same id twice", fixtureText("retrieve_batch_same_id_twice.json"), [TASK]],
    ["a callback", fixtureText("callback.json"), [TASK]],
    ["an error", fixtureText("error_500.json"), []],
    ["nothing", "", []],
    ["a JSON string", `"${TASK}"`, [TASK]],
  ])("takes %s", (_what, text, ids) => {
    expect(pickIds(text).ids).toEqual(ids);
  });

  it("says what claims to be a task id and is none", () => {
    const { ids, rejected } = pickIds(`{"task_id":"abc","ids":["${TASK}","x"],"id":"no record"}`);
    expect(ids).toEqual([TASK]);
    expect(rejected.map(({ text }) => text).toSorted()).toEqual(["abc", "x"]);
  });

  it("counts lines without any id, and ids that come again", () => {
    expect(pickIds(`${TASK}\n\nnothing here\n${TASK} ${TASK}\n{"a":1}`)).toMatchObject({
      ids: [TASK],
      repeated: 2,
      useless: 2,
    });
  });

  it.each(["a-".repeat(500_000), "a.b+c-".repeat(200_000), "a".repeat(1_000_000), "[".repeat(200_000)])(
    "reads a megabyte of one line, in linear time: %.12s",
    (text) => {
      expect(pickIds(text).ids).toEqual([]);
    },
  );
});

describe("checkIds", () => {
  it("takes uuids, rejects the rest with a reason", () => {
    const { ids, repeated, rejected } = checkIds([TASK, ` ${TASK.toUpperCase()}`, "abc", `${TASK}x`]);
    expect({ ids, repeated }).toEqual({ ids: [TASK], repeated: 1 });
    expect(rejected).toHaveLength(2);
    expect(rejected[0]?.reason).toContain("uuid");
  });
});
