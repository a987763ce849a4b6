import { expect, test, vi } from "vitest";
import type { Fault } from "../../stand-in/faults/faults.ts";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { archiveContents, type Contents } from "../../helpers/archive-contents.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { nightly } from "../../helpers/nightly.ts";
import { SEED, seededRandom } from "../../helpers/seeded.ts";
import { makeWorld } from "../../helpers/world.ts";

vi.setConfig({ testTimeout: 1_800_000 });

const SEEDS = nightly(6, 30);
const AT_ONCE = 6;
const MOST_SYNCS = 15;

const status = (code: number, more = {}): Fault => ({ kind: "status", status: code, ...more });
const API: Fault[] = [
  ...[500, 502, 503, 504, 408].map((code) => status(code)),
  status(429, { retryAfter: "0" }),
  status(200, { style: "vendor" }),
  { kind: "reset" },
  { kind: "reset", after: 0.4 },
  { kind: "cut", after: 0.5 },
  { kind: "cut", after: 0.5, framing: "none" },
  { kind: "delay", ms: 150 },
  { kind: "junk", what: "html" },
  { kind: "empty" },
  { kind: "cut-json", keep: 0.7 },
  { kind: "bom" },
  { kind: "items", missing: 2 },
  { kind: "items", duplicates: true, reversed: true },
  { kind: "items", unrequested: 2, count: 99 },
  { kind: "items", emptyObjects: 1 },
];
const ASSETS: Fault[] = [
  ...[500, 503].map((code) => status(code)),
  status(429, { retryAfter: "0" }),
  { kind: "reset", after: 0.3 },
  { kind: "cut", after: 0.6 },
  { kind: "cut", after: 0.6, framing: "none" },
  { kind: "cut", after: 0.6, framing: "chunked" },
  { kind: "cut", after: 0.6, framing: "http10" },
  { kind: "no-length", framing: "chunked" },
  { kind: "range", how: "ignored" },
  { kind: "range", how: "wrong-start" },
  { kind: "range", how: "unsatisfiable" },
  { kind: "range", how: "unrequested" },
  { kind: "junk", what: "html", type: "audio/mp4" },
  { kind: "empty" },
  { kind: "corrupt", at: 0.5 },
  { kind: "length", by: 100 },
  { kind: "encoded", layers: ["gzip"] },
  { kind: "delay", ms: 100 },
];

/** Those of a list that a seed mixes: half of it, so that each seed is a weather of its own. */
function mixed(faults: Fault[], seed: number): Fault[] {
  const random = seededRandom(seed * 7919);
  return faults.filter(() => random() < 0.5);
}

/** Each world has ports of its own. That a document fits its digest is the checker's to say. */
function withoutOrigin(contents: Contents, origin: string): Contents {
  const text = JSON.stringify(contents).replaceAll(origin, "http://bucket");
  return JSON.parse(text.replaceAll(/(\\"sha256\\":\\")[0-9a-f]{64}(\\",\\"document)/g, "$1$2")) as Contents;
}

async function worldAfter(seed: number | null): Promise<{ contents: Contents; syncs: number; requests: number }> {
  await using world = await makeWorld({ tasks: 12 });
  if (seed !== null) {
    world.standIn.faultAtRandom({ match: "api", rate: 0.4, seed, steps: [status(503), ...mixed(API, seed)] });
    world.standIn.faultAtRandom({
      match: "assets",
      rate: 0.4,
      seed: seed + 1,
      steps: [status(503), ...mixed(ASSETS, seed + 1)],
    });
  }
  for (let syncs = 1; ; syncs++) {
    const end = await world.mirror("sync", "--json", "--batch-size", "4");
    const { code, stderr } = end;
    expect({ seed, syncs, code, stderr }).toMatchObject({
      code: expect.toSatisfy((each) => [0, 3, 5].includes(Number(each))) as unknown,
    });
    expect({ seed, syncs, problems: world.problems() }).toEqual({ seed, syncs, problems: [] });
    const open = rowsOf(world.home, "select task_id from tracked_tasks where state <> 'succeeded'");
    if (code === 0 && open.length === 0) {
      const contents = withoutOrigin(archiveContents(world.home), world.standIn.assetUrl);
      return { contents, syncs, requests: world.standIn.requests.length };
    }
    expect({ seed, syncs }).toMatchObject({ syncs: expect.toSatisfy((each) => Number(each) < MOST_SYNCS) as unknown });
  }
}

test(`D46: ${SEEDS} mixes of faults, each ends in the same archive, byte for byte (from seed ${SEED})`, async () => {
  const ideal = await worldAfter(null);
  expect(ideal.syncs).toBe(1);
  const queue = Array.from({ length: SEEDS }, (_, n) => (SEED + n) % 1_000_000).values();
  const costs: number[] = [];
  const worker = async () => {
    for (const seed of queue) {
      const end = await worldAfter(seed);
      expect({ seed, files: end.contents.files }).toEqual({ seed, files: ideal.contents.files });
      for (const [name, rows] of Object.entries(ideal.contents.tables))
        expect({ seed, name, rows: end.contents.tables[name] }).toEqual({ seed, name, rows });
      costs.push(end.requests / ideal.requests);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const sorted = costs.toSorted((a, b) => a - b);
  console.log(
    `D46: ${SEEDS} seeds from ${SEED}: requests ${sorted.at(0)?.toFixed(1)} to ${sorted.at(-1)?.toFixed(1)} times the ideal`,
  );
});

test("D45: three of ten requests fail, of the API and of the bucket: at most twice the ideal requests", async () => {
  await using world = await makeWorld({ tasks: 60 });
  for (const [match, seed] of [
    ["api", 3],
    ["assets", 4],
  ] as const) {
    world.standIn.faultAtRandom({
      match,
      rate: 0.3,
      seed,
      steps: [status(500), status(503), { kind: "reset" }, { kind: "cut", after: 0.5 }],
    });
  }
  const end = await world.mirror("sync", "--json", "--batch-size", "5");
  expect([0, 3]).toContain(end.code);
  expect(world.standIn.apiRequests().length).toBeLessThanOrEqual(2 * 12);
  expect(world.standIn.assetRequests().length).toBeLessThanOrEqual(2 * 120);
  world.standIn.clearFaults();
  expectCode(await world.mirror("sync"), 0);
  expect(world.problems()).toEqual([]);
});
