import { expect, test } from "vitest";
import { parseAssetPath } from "../../../src/demo/library/asset-path.ts";
import { demoLibrary } from "../../../src/demo/library/library.ts";
import { taskIds, type Library, type TaskRecord } from "../../../src/demo/library/library-types.ts";
import { logText } from "../../../src/demo/library/log-text.ts";
import { clipIdOf, makeLibrary, makeRecord, taskIdOf } from "../../../src/demo/faults/make-record.ts";
import { songOf } from "../../../src/demo/library/media.ts";
import { startStandIn } from "../../../src/demo/service/stand-in.ts";
import { ask, askBatch, askOne } from "../service/ask.ts";

type Clip = Record<string, unknown> & { id?: string; audio_url?: string };
type Full = TaskRecord & {
  request: Record<string, unknown>;
  response?: { success?: boolean; error?: unknown; data?: Clip[] | Record<string, unknown> };
};

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const NOW = Date.UTC(2026, 10, 20);
const demo = () => demoLibrary({ assetBase: "http://127.0.0.1:1", now: NOW, pendingAnswers: 2 });

function recordsOf(library: Library, asked = Infinity): Full[] {
  return Array.from({ length: library.size }, (_, n) => {
    const value = library.value(n);
    return (typeof value === "function" ? value(asked) : value) as Full;
  });
}

function clipsOf(records: Full[]): Clip[] {
  return records.flatMap(({ response }) => (Array.isArray(response?.data) ? response.data : []));
}

test("the demo library is the same each time and has the kinds of task that there are", () => {
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

test("the failed ones, the partial one and the objects are as the real service writes them", () => {
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

test("lineage leads to clips of the same library, lengths are those of the files, seeds are 32-bit numbers", () => {
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

test("one task runs while it is watched, and its preview is not the song", async () => {
  await using standIn = await startStandIn({ pendingAnswers: 2, now: NOW });
  const id = taskIds(standIn.library).at(-2) ?? "";
  const states: unknown[] = [];
  const songs: string[] = [];
  for (let time = 0; time < 3; time += 1) {
    const record = (await askOne(standIn.url, id)) as Full;
    const [clip] = clipsOf([record]);
    states.push([clip?.["state"], "finished_at" in record]);
    songs.push((await ask(String(clip?.audio_url))).headers.etag ?? "");
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
  await using standIn = await startStandIn();
  const { items } = await askBatch(standIn.url, { ids: taskIds(standIn.library), limit: 50 });
  const urls = JSON.stringify(items.map(({ response }) => response)).match(/http:[^"]+/g) ?? [];
  expect(urls.length).toBeGreaterThan(60);
  for (const url of urls) {
    expect(parseAssetPath(new URL(url).pathname)).toBeDefined();
    expect((await ask(url)).status).toBe(200);
  }
});

test("made-up records are distinct, repeatable, and take overrides", () => {
  const some = Array.from({ length: 500 }, (_, n) => makeRecord(n));
  expect(makeRecord(7)).toEqual(some[7]);
  expect(makeRecord(7, {}, { seed: 2 }).id).not.toBe(some[7]?.id);
  for (const of of [some.map(({ id }) => id), some.map(({ created_at }) => created_at)])
    expect(new Set<unknown>(of).size).toBe(500);
  const changed = makeRecord(7, {
    response: { success: true },
    clip: { title: "x", video_url: undefined },
    finished_at: undefined,
  });
  expect(changed).toMatchObject({
    response: { success: true, task_id: taskIdOf(7), data: [{ id: clipIdOf(7), title: "x" }] },
  });
  expect("finished_at" in changed).toBe(false);
  expect("video_url" in (clipsOf([changed as Full])[0] ?? {})).toBe(false);
});

test("a library of 100,000 costs nothing until it is asked", () => {
  const started = performance.now();
  const library = makeLibrary({ tasks: 100_000 });
  expect(library.value(99_999)).toMatchObject({ id: library.id(99_999) });
  expect(performance.now() - started).toBeLessThan(100);
});

test("the log holds every id, and no other uuid but inside URLs", () => {
  const library = demo();
  const text = logText(library);
  const uuids = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi;
  const outside = text.replace(/https?:\/\/\S+/g, "").match(uuids) ?? [];
  expect(new Set(outside.map((id) => id.toLowerCase()))).toEqual(new Set(taskIds(library)));
  expect(outside.length).toBeGreaterThan(taskIds(library).length);
  expect(new Set(text.match(uuids) ?? []).size).toBeGreaterThan(new Set(outside).size);
  expect(text.split("\n").filter((line) => line.startsWith("{")).length).toBeGreaterThan(10);
});
