import { describe, expect, it } from "vitest";
import { noJournal } from "../../src/archive/journal/journal.ts";
import { createRecordSaver } from "../../src/archive/records.ts";
import { track } from "../../src/archive/tracking.ts";
import { sameDocument } from "../../src/record/compare.ts";
import { sliceRecords } from "../../src/record/slice.ts";
import { readRecord } from "../../src/record/wire.ts";
import { matchRecords } from "../../src/sync/tasks/match-records.ts";
import { fixture } from "../helpers/fixture.ts";
import { seededRandom } from "../helpers/seeded.ts";
import { temporaryArchive, type TemporaryArchive } from "../helpers/temporary-archive.ts";

const ROUNDS = 600;
const IDS = [0, 1, 2].map((n) => `${n}a6ac2ad-10f2-4e2b-b500-66ec27fe82ad`);
const JUNK = [
  null,
  true,
  false,
  "",
  "x",
  " ",
  "0",
  "12.3",
  "1e400",
  "false",
  "\u0000",
  "\ud800",
  "\u202e",
  "é".repeat(3000),
  "https://x/y",
  "data:,x",
  0,
  -1,
  1.5,
  2 ** 53 + 2,
  1e300,
  [],
  [[]],
  [null],
  [1, "a"],
  {},
  { id: {} },
  { code: "x" },
  { data: [] },
  { state: "failed" },
];
const KEYS = ["__proto__", "constructor", "id", "data", "error", "state", "response", "hasOwnProperty", "", "\u0000"];

type Random = () => number;

function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T;
}

/** The value with one thing in it replaced, removed, added or moved. */
function mutate(value: unknown, random: Random): unknown {
  if (typeof value !== "object" || value === null || random() < 0.1) return structuredClone(pick(random, JUNK));
  if (Array.isArray(value)) return mutateList(value, random);
  const keys = Object.keys(value);
  const key = pick(random, keys);
  const entries = Object.entries(value);
  if (random() < 0.1)
    return Object.fromEntries([...entries, [pick(random, KEYS), structuredClone(pick(random, JUNK))]]);
  if (random() < 0.1 || key === undefined) return Object.fromEntries(entries.filter(([name]) => name !== key));
  return Object.fromEntries(entries.map(([name, member]) => [name, name === key ? mutate(member, random) : member]));
}

function mutateList(list: unknown[], random: Random): unknown[] {
  const position = Math.floor(random() * list.length);
  if (random() < 0.2) return [...list, ...list];
  return list.map((member, at) => (at === position ? mutate(member, random) : member));
}

/** The record's own id stays: another one is only a record that nobody asked for. */
function mutated(record: Record<string, unknown>, random: Random): string {
  let value: unknown = record;
  for (let times = 1 + Math.floor(random() * 4); times > 0; times--) value = mutate(value, random);
  const text = JSON.stringify(value);
  const odd =
    random() < 0.1
      ? text.replace(/:\d+(?:\.\d+)?(?=[,}])/, ":1e400")
      : random() < 0.1
        ? text.replace(/:\d+(?:\.\d+)?(?=[,}])/, ":12345678901234567890")
        : text;
  return odd.startsWith("{") ? odd.replace(/"id":"[^"]*"/, `"id":"${String(record["id"])}"`) : odd;
}

describe("D54: mutated records", () => {
  it(`never throw out of their item, and never cost another one of the batch, in ${ROUNDS} rounds`, () => {
    using archive = temporaryArchive();
    const save = createRecordSaver(archive.db, noJournal(archive.db));
    track(archive, IDS, { source: "test", now: 0, explicit: true });
    const counts = { readable: 0, unreadable: 0, absent: 0 };
    const lost: number[] = [];
    const real = fixture("retrieve.json");
    for (let seed = 0; seed < ROUNDS; seed++) {
      const random = seededRandom(seed);
      const [bad = "", good = "", other = ""] = IDS;
      const item = mutated({ ...real, id: bad }, random);
      const body = `{"items":[${JSON.stringify({ ...real, id: good })},${item},${JSON.stringify({ ...real, id: other })}]}`;
      const answers = sliceRecords(body).records.map((document) => ({ document, reading: readRecord(document) }));
      const matched = matchRecords(IDS, answers);
      const saved = save(matched.incoming, { now: seed, nextCheckAt: () => null });
      expect(
        saved.map((one) => one.taskId),
        `seed ${seed}`,
      ).toEqual(expect.arrayContaining([good, other]));
      if (saved.length === 3) counts.readable++;
      else if (matched.unreadable.length === 1) counts.unreadable++;
      else counts.absent++;
      if (saved.length === 3 && !kept(archive, bad, item)) lost.push(seed);
    }
    expect(lost).toEqual([]);
    expect(counts.readable).toBeGreaterThan(ROUNDS / 3);
    expect(counts.unreadable).toBeGreaterThan(ROUNDS / 100);
    expect(archive.db.$client.pragma("integrity_check", { simple: true })).toBe("ok");
    expect(archive.db.$client.pragma("foreign_key_check")).toEqual([]);
    expect(
      archive.db.$client.prepare("select count(*) from task_documents where not json_valid(document)").pluck().get(),
    ).toBe(0);
  }, 120_000);
});

/** As its exact text, or as a text of which it is only another writing. */
function kept({ db }: TemporaryArchive, id: string, document: string): boolean {
  const exact = db.$client.prepare("select 1 from task_documents where task_id = ? and document = ?").get(id, document);
  const versions = db.$client.prepare(
    "select document from task_documents where task_id = ? order by version desc limit 8",
  );
  return (
    exact !== undefined ||
    versions
      .pluck()
      .all(id)
      .some((version) => sameDocument(version as string, document))
  );
}
