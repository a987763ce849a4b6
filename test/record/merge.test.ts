import { describe, expect, it } from "vitest";
import type { ClipRow, TaskRow } from "../../src/db/schema.ts";
import { mapRecord, type MappedRecord } from "../../src/record/map.ts";
import { differs, isPoorer, mergeClip, mergeTask, onlyRemoves } from "../../src/record/merge.ts";
import { readRecord } from "../../src/record/wire.ts";

const TASK = "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const CLIP = "2a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const NOW = Date.UTC(2026, 10, 22);

const REQUEST = { action: "generate", prompt: "calm", instrumental: true, continue_at: 12.5 };
const SONG = {
  id: CLIP,
  title: "Neon",
  lyric: "la",
  state: "succeeded",
  duration: 100,
  audio_url: "https://a.example/1.m4a",
  image_url: "https://a.example/1.jpg",
};

function mapped(request: object, data: object[] = [SONG], id = TASK): MappedRecord {
  const text = JSON.stringify({
    id,
    type: "audios",
    request,
    created_at: 1,
    finished_at: 2,
    response: { success: true, data },
  });
  const reading = readRecord(text);
  if (!("record" in reading)) throw new Error("cannot be read");
  return mapRecord(reading.record);
}

const taskRow = ({ task }: MappedRecord) =>
  ({ ...task, service: "producer", documentVersion: 1, firstSeenAt: NOW, updatedAt: NOW }) as TaskRow;
const clipRow = ({ clips: [clip] }: MappedRecord, more: Partial<ClipRow> = {}) =>
  ({ ...clip, rowidKey: 1, firstSeenAt: NOW, updatedAt: NOW, removedAt: null, purgedAt: null, ...more }) as ClipRow;

describe("a newer record of a task", () => {
  const current = taskRow(mapped(REQUEST));

  it.each<[string, object, Partial<TaskRow>]>([
    ["another text replaces the old one", { ...REQUEST, prompt: "loud" }, { prompt: "loud" }],
    ["null leaves it", { ...REQUEST, prompt: null }, { prompt: "calm" }],
    ["an absent field leaves it", { action: "generate" }, { prompt: "calm", continueAt: 12.5 }],
    ["an empty text leaves it", { ...REQUEST, prompt: "" }, { prompt: "calm" }],
    ["false replaces true", { ...REQUEST, instrumental: false }, { instrumental: false }],
    ["0 replaces a number", { ...REQUEST, continue_at: 0 }, { continueAt: 0 }],
  ])("%s", (_what, request, columns) => {
    expect(mergeTask(current, mapped(request).task)).toMatchObject(columns);
  });

  it("decides its state and its error, also when there is none any more", () => {
    const failed = { ...current, state: "failed", errorCode: "boom", errorMessage: "it broke" } as TaskRow;
    expect(mergeTask(failed, mapped(REQUEST).task)).toMatchObject({
      state: "succeeded",
      errorCode: null,
      errorMessage: null,
    });
  });

  it("keeps what only the archive knows", () => {
    expect(mergeTask(current, mapped(REQUEST).task)).toMatchObject({
      documentVersion: 1,
      firstSeenAt: NOW,
      service: "producer",
    });
  });

  it.each([
    ["pending", "succeeded", false],
    ["pending", "failed", false],
    ["succeeded", "pending", true],
    ["succeeded", "failed", true],
    ["succeeded", "partial", true],
    ["partial", "succeeded", false],
    ["failed", "pending", true],
    ["succeeded", "succeeded", false],
  ])("%s and then %s sets it back: %s", (before, after, poorer) => {
    expect(isPoorer({ state: before }, { state: after })).toBe(poorer);
  });
});

describe("a newer record of a clip", () => {
  const first = mapped(REQUEST);
  const current = clipRow(first);
  const merge = (song: object, request: object = REQUEST, id = TASK) => {
    const next = mapped(request, [song], id);
    return mergeClip(current, next.clips[0]!, next.task);
  };

  it.each<[string, object, Partial<ClipRow>]>([
    ["another title", { ...SONG, title: "Neon II" }, { title: "Neon II" }],
    ["no title", { ...SONG, title: null }, { title: "Neon" }],
    ["an empty lyric", { ...SONG, lyric: "" }, { lyric: "la" }],
    ["a duration of 0", { ...SONG, duration: 0 }, { durationSeconds: 0 }],
    ["no audio any more", { ...SONG, audio_url: null }, { audioUrl: SONG.audio_url }],
    ["a moved file", { ...SONG, audio_url: "https://b.example/1.m4a" }, { audioUrl: "https://b.example/1.m4a" }],
    ["a state that goes back", { ...SONG, state: "pending", audio_url: null }, { state: "succeeded" }],
  ])("%s", (_what, song, columns) => {
    expect(merge(song)).toMatchObject(columns);
  });

  it("keeps the task that first brought it, and that task's own words", () => {
    const other = merge(
      { ...SONG, title: "Neon II" },
      { action: "cover", prompt: "other words" },
      TASK.replace("1a", "9a"),
    );
    expect(other).toMatchObject({ taskId: TASK, action: "generate", prompt: "calm", title: "Neon II" });
  });

  it("differs when any column does, and null is no value at all", () => {
    expect(differs({ a: 1, b: null }, { a: 1 })).toBe(false);
    expect(differs({ a: 1 }, { a: 1, b: null })).toBe(false);
    expect(differs({ a: 1 }, { a: 1, b: undefined })).toBe(false);
    expect(differs({ a: 0 }, { a: null })).toBe(true);
    expect(differs({ a: false }, { a: true })).toBe(true);
    expect(differs({ a: "1" }, { a: 1 })).toBe(true);
  });
});

describe("a record that only removes", () => {
  const first = mapped(REQUEST);
  const current = taskRow(first);
  const archived = {
    clips: [clipRow(first)],
    assets: first.assets.map(({ clipId, kind }) => ({ clipId: clipId ?? null, kind })),
  };

  it.each<[string, object, object[], boolean]>([
    ["no lyric", REQUEST, [{ ...SONG, lyric: null }], true],
    ["an empty title", REQUEST, [{ ...SONG, title: "" }], true],
    ["no cover", REQUEST, [{ ...SONG, image_url: null }], true],
    ["no prompt", { action: "generate", instrumental: true, continue_at: 12.5 }, [SONG], true],
    ["no lyric, another title", REQUEST, [{ ...SONG, lyric: null, title: "Neon II" }], false],
    ["no cover, a video", REQUEST, [{ ...SONG, image_url: null, video_url: "https://a.example/1.mp4" }], false],
    ["no clip but another one", REQUEST, [{ ...SONG, id: CLIP.replace("2a", "3a") }], false],
    ["false instead of true", { ...REQUEST, instrumental: false }, [SONG], false],
    ["0 instead of a number", { ...REQUEST, continue_at: 0 }, [SONG], false],
    ["one clip more", REQUEST, [SONG, { ...SONG, id: CLIP.replace("2a", "3a") }], false],
  ])("%s: %s", (_what, request, data, removes) => {
    expect(onlyRemoves(current, archived, mapped(request, data))).toBe(removes);
  });

  it("one of two clips is missing: true", () => {
    const two = mapped(REQUEST, [SONG, { ...SONG, id: CLIP.replace("2a", "3a") }]);
    const both = {
      clips: two.clips.map((clip, at) => clipRow(two, { ...(clip as ClipRow), rowidKey: at + 1 })),
      assets: two.assets.map(({ clipId, kind }) => ({ clipId: clipId ?? null, kind })),
    };
    expect(onlyRemoves(taskRow(two), both, mapped(REQUEST, [SONG]))).toBe(true);
  });
});

describe("values that a clip has from its task", () => {
  const words = { action: "generate", prompt: "calm" };
  const bare = { ...SONG, prompt: null, created_at: null };
  const first = mapped(words, [bare]);
  const merge = (current: Partial<ClipRow>, request: object, song: object, id = TASK) => {
    const next = mapped(request, [song], id);
    const { prompt, action, createdAt } = mergeClip(clipRow(first, current), next.clips[0]!, next.task);
    return { prompt, action, createdAt };
  };
  const OTHER = TASK.replace("1a", "9a");

  it.each<[string, Partial<ClipRow>, object, object, string, object]>([
    ["stay when they are the same", {}, words, bare, TASK, { prompt: "calm", action: "generate" }],
    ["stay when its task was asked with other words", {}, { ...words, prompt: "loud" }, bare, TASK, { prompt: "calm" }],
    ["come when it had none", { prompt: null }, words, bare, TASK, { prompt: "calm" }],
    ["give way to its own", {}, words, { ...bare, prompt: "own" }, TASK, { prompt: "own" }],
    [
      "are not those of another task",
      {},
      { action: "cover", prompt: "loud" },
      bare,
      OTHER,
      { prompt: "calm", action: "generate" },
    ],
    [
      "are not filled by another task",
      { prompt: null, action: null },
      { action: "cover", prompt: "loud" },
      bare,
      OTHER,
      { prompt: null, action: null },
    ],
    ["follow the action of its task", {}, { action: "cover", prompt: "calm" }, bare, TASK, { action: "cover" }],
    ["keep the time of the clip", { createdAt: 5 }, words, bare, TASK, { createdAt: 5 }],
    ["take the task's time when there is none", { createdAt: null }, words, bare, TASK, { createdAt: 1000 }],
    ["take the clip's own time", { createdAt: 5 }, words, { ...bare, created_at: 7 }, TASK, { createdAt: 7000 }],
  ])("%s", (_what, current, request, song, id, columns) => {
    expect(merge(current, request, song, id)).toMatchObject(columns);
  });

  it("a state that is as far along is the newer one", () => {
    const next = mapped(words, [{ ...bare, state: "failed", audio_url: null }]);
    const failed = next.clips[0]!;
    expect(mergeClip(clipRow(first, { state: failed.state }), failed, next.task).state).toBe(failed.state);
    expect(mergeClip(clipRow(first, { state: "pending" }), { ...failed, state: "succeeded" }, next.task).state).toBe(
      "succeeded",
    );
  });
});

describe("what a record lacks", () => {
  const row = (fields: object) => ({ ...fields }) as TaskRow;
  const record = (task: object, clips: object[], assets: object[]) =>
    ({ task, clips, assets, unknownWords: [] }) as unknown as MappedRecord;
  const archived = (clips: object[], assets: object[]) => ({
    clips: clips as ClipRow[],
    assets: assets as { clipId: string | null; kind: string }[],
  });
  const one = { id: "one", taskId: TASK, title: "Neon" };
  const two = { id: "two", taskId: TASK, title: "Rain" };
  const audio = (clipId: string | null) => ({ clipId, kind: "audio" });

  it.each<[string, boolean, object, object, ReturnType<typeof archived>, MappedRecord]>([
    ["nothing", false, {}, {}, archived([one], [audio("one")]), record({}, [one], [audio("one")])],
    ["a text of the task", true, { prompt: "calm" }, {}, archived([], []), record({ prompt: "" }, [], [])],
    ["a text that was empty before", false, { prompt: "" }, {}, archived([], []), record({ prompt: null }, [], [])],
    ["one of two clips", true, {}, {}, archived([one, two], []), record({}, [two], [])],
    [
      "one of two files",
      true,
      {},
      {},
      archived([one], [audio("one"), { clipId: "one", kind: "image" }]),
      record({}, [one], [audio("one")]),
    ],
    ["the file of the task as a whole", true, {}, {}, archived([], [audio(null)]), record({}, [], [])],
    [
      "a file, and has another one",
      false,
      {},
      {},
      archived([one], [audio("one")]),
      record({}, [one], [{ clipId: "one", kind: "image" }]),
    ],
    [
      "a clip, and has a file more",
      false,
      {},
      {},
      archived([one, two], [audio("one")]),
      record({}, [one], [audio("one"), audio(null)]),
    ],
  ])("%s: %s", (_what, removes, current, _none, known, next) => {
    expect(onlyRemoves(row(current), known, next)).toBe(removes);
  });
});
