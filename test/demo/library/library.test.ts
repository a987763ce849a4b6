import { expect, test } from "vitest";
import { parseAssetPath } from "../../../src/demo/library/asset-path.ts";
import { demoLibrary } from "../../../src/demo/library/library.ts";
import { taskIds, type DemoLibrary, type TaskRecord } from "../../../src/demo/library/library-types.ts";
import { logText } from "../../../src/demo/library/log-text.ts";
import { songOf } from "../../../src/demo/library/media.ts";
import { startDemoService } from "../../../src/demo/service/demo-service.ts";
import { sendRequest, fetchBatch, fetchRecord } from "../../stand-in/http-client.ts";

type Clip = Record<string, unknown> & { id?: string; audio_url?: string };
type Full = TaskRecord & {
  request: Record<string, unknown>;
  response?: { success?: boolean; error?: unknown; data?: Clip[] | Record<string, unknown> };
};

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const NOW = Date.UTC(2026, 10, 20);
const demo = () => demoLibrary({ assetBase: "http://127.0.0.1:1", now: NOW, pendingResponses: 2 });

function recordsOf(library: DemoLibrary, fetches = Infinity): Full[] {
  return Array.from({ length: library.size }, (_, n) => {
    const value = library.value(n);
    return (typeof value === "function" ? value(fetches) : value) as Full;
  });
}

function clipsOf(records: Full[]): Clip[] {
  return records.flatMap(({ response }) => (Array.isArray(response?.data) ? response.data : []));
}

test("the demo library is the same each time and has every kind of task", () => {
  const records = recordsOf(demo());
  expect(recordsOf(demo())).toEqual(records);
  expect(records.length).toBeGreaterThanOrEqual(40);
  expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
  expect(
    records.every(
      ({ id, _id, trace_id }) =>
        [id, trace_id].every((one) => UUID.test(String(one))) && /^[0-9a-f]{24}$/.test(String(_id)),
    ),
  ).toBe(true);
  expect(new Set(records.map(({ type }) => type))).toEqual(new Set(["audios", "lyrics", "upload", "wav", "videos"]));
  const actions = [
    "generate",
    "cover",
    "extend",
    "variation",
    "swap_vocals",
    "swap_instrumentals",
    "replace_section",
    "stems",
    "upload_cover",
  ];
  expect(new Set(records.flatMap(({ request }) => request["action"] ?? []))).toEqual(new Set(actions));
  const models = [
    "FUZZ-2.0 Pro",
    "FUZZ-2.0",
    "FUZZ-2.0 Raw",
    "FUZZ-1.1 Pro",
    "FUZZ-1.0 Pro",
    "FUZZ-1.0",
    "FUZZ-1.1",
    "FUZZ-0.8",
  ];
  expect(new Set(records.flatMap(({ request }) => request["model"] ?? []))).toEqual(new Set(models));
  expect(taskIds(demo())).toHaveLength(records.length + 1);
});

test("its records have both forms of time and mostly no `success`", () => {
  const records = recordsOf(demo());
  const old = records.filter((record) => "duration" in record);
  const recent = records.filter((record) => "elapsed" in record && "started_at" in record);
  expect(old.length).toBeGreaterThan(10);
  expect(recent.length).toBeGreaterThan(8);
  expect(records.filter(({ response }) => response?.success === true).length).toBeLessThan(records.length / 3);
  for (const record of old) expect(record["duration"]).toBe(Number(record["finished_at"]) - record.created_at);
  expect(Math.min(...records.map(({ created_at }) => created_at))).toBeLessThan(Date.UTC(2025, 10) / 1000);
  for (const { _id, created_at } of records)
    expect(Number.parseInt(String(_id).slice(0, 8), 16)).toBe(Math.floor(created_at));
});

test("failed and partial records, and records with an object as data, are as the real service writes them", () => {
  const records = recordsOf(demo());
  const failed = records.filter(({ response }) => response?.success === false);
  expect(failed.map((one) => ["finished_at" in one, Array.isArray(one.response?.data)])).toEqual([
    [true, false],
    [false, false],
    [true, true],
  ]);
  expect(records.find(({ type }) => type === "wav")?.response?.data).toMatchObject([
    { file_url: expect.stringMatching(/\.wav$/) },
  ]);
  const video = records.find(({ type }) => type === "videos")?.response?.data as { video_url: string };
  expect(new URL(video.video_url).pathname).toMatch(/\/song-videos\/[0-9a-f-]{36}:[0-9a-f]{64}\.mp4$/);
  expect(records.find(({ type }) => type === "lyrics")?.response?.data).toMatchObject({
    lyrics: expect.stringContaining("[Verse"),
  });
  expect(records.filter(({ request }) => request["instrumental"] === true)).toHaveLength(1);
});

test("references lead to clips of the same library, durations are those of the files, seeds are 32-bit numbers", () => {
  const records = recordsOf(demo());
  const clips = clipsOf(records);
  const upload = records.find(({ type }) => type === "upload")?.response?.data as { audio_id: string };
  const known = new Set([...clips.map(({ id }) => id), upload.audio_id]);
  const references = records
    .flatMap(({ request }) => [request["audio_id"], request["swap_audio_id"]])
    .filter((id) => id !== undefined);
  expect(references.length).toBeGreaterThan(10);
  for (const id of references) expect(known).toContain(id);
  for (const clip of clips.filter(({ audio_url }) => audio_url !== undefined)) {
    expect(clip["duration"]).toBe(songOf(String(clip.id)).duration);
    expect(Number(clip["seed"])).toBeLessThan(2 ** 32);
    expect(clip["seed"]).toMatch(/^\d+$/);
  }
});

test("one task is pending at first, and its preview is not the song", async () => {
  await using service = await startDemoService({ pendingResponses: 2, now: NOW });
  const id = taskIds(service.library).at(-2) ?? "";
  const states: unknown[] = [];
  const songs: string[] = [];
  for (let time = 0; time < 3; time += 1) {
    const record = (await fetchRecord(service.url, id)) as Full;
    const [clip] = clipsOf([record]);
    states.push([clip?.["state"], "finished_at" in record]);
    songs.push((await sendRequest(String(clip?.audio_url))).headers.etag ?? "");
  }
  expect(states).toEqual([
    ["pending", false],
    ["pending", false],
    ["succeeded", true],
  ]);
  expect(songs[0]).toBe(songs[1]);
  expect(songs[2]).not.toBe(songs[0]);
});

test("every URL of the library is served", async () => {
  await using service = await startDemoService();
  const { items } = await fetchBatch(service.url, { ids: taskIds(service.library), limit: 50 });
  const urls = JSON.stringify(items.map(({ response }) => response)).match(/http:[^"]+/g) ?? [];
  expect(urls.length).toBeGreaterThan(60);
  for (const url of urls) {
    expect(parseAssetPath(new URL(url).pathname)).toBeDefined();
    expect((await sendRequest(url)).status).toBe(200);
  }
});

test("the log has every id, and other uuids only in URLs", () => {
  const library = demo();
  const text = logText(library);
  const uuids = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi;
  const outside = text.replace(/https?:\/\/\S+/g, "").match(uuids) ?? [];
  expect(new Set(outside.map((id) => id.toLowerCase()))).toEqual(new Set(taskIds(library)));
  expect(outside.length).toBeGreaterThan(taskIds(library).length);
  expect(new Set(text.match(uuids) ?? []).size).toBeGreaterThan(new Set(outside).size);
  expect(text.split("\n").filter((line) => line.startsWith("{")).length).toBeGreaterThan(10);
});
