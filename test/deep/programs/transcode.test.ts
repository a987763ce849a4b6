import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { sha256 } from "../../helpers/folder-tree.ts";
import { has } from "../../helpers/needs.ts";
import { idOf, LOGIN, serveSongs } from "../../server/rest/rest-world.ts";
import type { Served } from "../../server/served.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const SECONDS = 240;
let served: Served;
let stored: Buffer;

beforeAll(async () => {
  if (!has("ffmpeg")) return;
  served = await serveSongs(5);
  // Minutes of noise: more than fits into the buffers on the way to a client that does not read.
  const path = join(served.world.folder, "long.m4a");
  const noise = ["-f", "lavfi", "-i", `anoisesrc=d=${SECONDS}:a=0.3`, "-c:a", "alac"];
  execFileSync("ffmpeg", ["-v", "error", ...noise, "-movflags", "+faststart", path]);
  stored = readFileSync(path);
  const db = new Sqlite(join(served.world.home, "archive.db"));
  const row = db.prepare("select id, path from assets where kind = 'audio' and clip_id = ?").get(idOf("plain"));
  const { id, path: known } = row as { id: number; path: string };
  writeFileSync(join(served.world.home, "assets", known), stored);
  db.prepare("update assets set bytes = ?, sha256 = ?, duration_seconds = ? where id = ?").run(
    stored.length,
    sha256(stored),
    SECONDS,
    id,
  );
  db.close();
});
afterAll(() => served?.[Symbol.asyncDispose]());

const get = (query: string, init?: RequestInit) =>
  fetch(`${served.url}/rest/stream?id=${idOf("plain")}&${query}&${LOGIN}`, init);

/** What ffprobe says of a stream. */
async function probe(query: string): Promise<{ codec: string; seconds: number; kilobits: number }> {
  const path = join(served.world.folder, "probed");
  const bytes = Buffer.from(await (await get(query)).arrayBuffer());
  writeFileSync(path, bytes);
  const shown = ["-show_entries", "stream=codec_name,duration:format=duration", "-of", "json"];
  const { streams, format } = JSON.parse(
    execFileSync("ffprobe", ["-v", "error", ...shown, path], { encoding: "utf8" }),
  ) as { streams: { codec_name: string }[]; format: { duration: string } };
  const seconds = Number(format.duration);
  return { codec: streams[0]?.codec_name ?? "", seconds, kilobits: (bytes.length * 8) / seconds / 1000 };
}

/** The transcoders of this process. */
function atWork(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const parent = / \S (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, "utf8").replace(/\(.*\)/, ""))?.[1];
        return Number(parent) === process.pid && readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("ffmpeg");
      } catch {
        return false;
      }
    })
    .map(Number);
}

describe.skipIf(!has("ffmpeg"))("ffmpeg", () => {
  it.each([
    ["format=mp3", "mp3", 192, SECONDS],
    ["format=opus", "opus", 128, SECONDS],
    ["maxBitRate=64", "mp3", 64, SECONDS],
    ["format=opus&maxBitRate=48&timeOffset=200", "opus", 48, SECONDS - 200],
    ["format=raw&maxBitRate=64", "alac", 1100, SECONDS],
    ["maxBitRate=2000", "alac", 1100, SECONDS],
  ])("%s is %s of about %i kbit/s, whole", async (query, codec, kilobits, seconds) => {
    const made = await probe(query);
    expect(made.codec).toBe(codec);
    expect(Math.abs(made.seconds - seconds)).toBeLessThan(2);
    expect(made.kilobits).toBeGreaterThan(kilobits * 0.7);
    expect(made.kilobits).toBeLessThan(kilobits * 1.2);
  });

  it("ends with a client that has stopped reading and leaves; a fifth gets the stored bytes meanwhile", async () => {
    const leave = new AbortController();
    const open = await Promise.all([1, 2, 3, 4].map(() => get("format=mp3&maxBitRate=320", { signal: leave.signal })));
    expect(open.map(({ headers }) => headers.get("content-type"))).toEqual(Array(4).fill("audio/mpeg"));
    expect(atWork()).toHaveLength(4);
    const fifth = Buffer.from(await (await get("format=mp3")).arrayBuffer());
    expect(sha256(fifth)).toBe(sha256(stored));
    leave.abort();
    await expect.poll(atWork, { timeout: 20_000 }).toEqual([]);
  });
});
