import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { AssetError } from "../../../src/assets/asset-error.ts";
import { inspectBytes } from "../../../src/assets/inspect/inspect.ts";
import type { AssetKind } from "../../../src/lib/asset-kinds.ts";
import { ok, startRawServer } from "../../assets/download/raw-server.ts";
import { media, setUp } from "../../assets/download/setup.ts";
import { nightly } from "../../helpers/nightly.ts";
import { SEED, seededRandom } from "../../helpers/seeded.ts";
import { claim } from "../kill/claim.ts";

vi.setConfig({ testTimeout: 300_000 });

const ROUNDS = nightly(300, 5000);
const FILES = readdirSync(new URL("../../fixtures/media", import.meta.url)).toSorted();
/** Without an end of their own: a cut between two frames leaves a good file. */
const OPEN_ENDED = new Set(["bare.mp3", "song.mp3", "piped.wav"]);

/** As the service makes them: the sizes of their few boxes add up to the file, so a piece more or less is seen. */
const ONE_MDAT = new Set(["faststart.m4a", "plain.m4a", "itunes.m4a", "tagged.m4a"]);

type Random = () => number;
type Mutant = { way: string; bytes: Buffer };

const WAYS: Record<string, (bytes: Buffer, random: Random) => Buffer> = {
  "bits flipped": (bytes, random) => {
    const copy = Buffer.from(bytes);
    for (let n = 0; n < 1 + upTo(random, 4); n++) copy[upTo(random, copy.length)]! ^= 1 << upTo(random, 8);
    return copy;
  },
  "cut short": (bytes, random) => bytes.subarray(0, upTo(random, bytes.length)),
  "a piece zeroed": (bytes, random) => {
    const from = upTo(random, bytes.length);
    return Buffer.from(bytes).fill(0, from, Math.min(bytes.length, from + 1 + upTo(random, 500)));
  },
  "a piece gone": (bytes, random) => {
    const from = upTo(random, bytes.length - 1);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + upTo(random, 300))]);
  },
  "a piece twice": (bytes, random) => {
    const from = upTo(random, bytes.length);
    return Buffer.concat([bytes.subarray(0, from + 1 + upTo(random, 300)), bytes.subarray(from)]);
  },
  "more at its end": (bytes, random) => Buffer.concat([bytes, Buffer.alloc(1 + upTo(random, 900), 0x41)]),
};

test(`E72: ${ROUNDS} mutated media files: none is stored that its digest denies, none without one that has lost its form, good ones always (seed ${SEED})`, async () => {
  const random = seededRandom(SEED);
  let current: { bytes: Buffer; headers: Record<string, string> } = { bytes: Buffer.alloc(0), headers: {} };
  await using server = await startRawServer((socket) => void socket.write(ok(current.bytes, current.headers)));
  await using my = await setUp();
  const passed: Record<string, number> = {};
  for (let round = 0; round < ROUNDS; round++) {
    const name = FILES[round % FILES.length]!;
    const good = media(name);
    const { way, bytes } = mutant(good, round, random);
    const moment = { seed: SEED, round, name, way };
    const kind = kindOf(name);
    const want = { kind, id: idOf(round) };
    const started = performance.now();

    current = { bytes, headers: { "x-goog-hash": `md5=${createHash("md5").update(good).digest("base64")}` } };
    const denied = await my.get(`${server.origin}/${round}`, want).catch((error: unknown) => error);
    claim(bytes.equals(good) || isRefusal(denied), "is stored against its digest", moment);

    current = { bytes, headers: {} };
    const stored = await my.get(`${server.origin}/${round}`, want).catch(() => null);
    const isGood = bytes.length > 0 && inspectBytes(kind, bytes).ok;
    claim((stored !== null) === isGood, "is not judged by its form", moment);
    if (stored !== null) passed[way] = (passed[way] ?? 0) + 1;
    const mustFail =
      (way === "cut short" && !OPEN_ENDED.has(name)) || (ONE_MDAT.has(name) && bytes.length !== good.length);
    claim(stored === null || !mustFail, "is stored though a piece is missing", moment);

    current = { bytes: good, headers: {} };
    await my.get(`${server.origin}/good`, { kind, id: idOf(ROUNDS + round) });
    expect({ ...moment, ms: performance.now() - started < 5000 }).toEqual({ ...moment, ms: true });
  }
  const count = Object.values(passed).reduce((sum, each) => sum + each, 0);
  console.log(`E72: without a digest ${count} of ${ROUNDS} kept their form and are taken: ${JSON.stringify(passed)}`);
  expect(count).toBeLessThan(ROUNDS * 0.6);
});

function isRefusal(error: unknown): boolean {
  return error instanceof AssetError && ["bad_bytes", "hash_mismatch", "cut"].includes(error.code);
}

function mutant(good: Buffer, round: number, random: Random): Mutant {
  const ways = Object.entries(WAYS);
  const [way, mutate] = ways[Math.floor(round / FILES.length) % ways.length]!;
  return { way, bytes: mutate(good, random) };
}

function idOf(n: number): string {
  return `${n.toString(16).padStart(8, "0")}-478e-43a6-868f-aff5ababac2c`;
}

function kindOf(name: string): AssetKind {
  if (/\.(jpg|png|webp|avif)$/.test(name)) return "image";
  if (name.endsWith(".wav")) return "wav";
  if (name.endsWith(".zip")) return "stems";
  return name.endsWith(".mp4") ? "video" : "audio";
}

function upTo(random: Random, end: number): number {
  return Math.floor(random() * end);
}
