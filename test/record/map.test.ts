import { describe, expect, it } from "vitest";
import { mapRecord, richness } from "../../src/record/map.ts";
import { readRecord, readResult } from "../../src/record/wire.ts";

const ID = "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";

const REQUEST = {
  action: "extend",
  model: "FUZZ-2.0",
  prompt: "a prompt",
  lyric: "a lyric",
  title: "a title",
  instrumental: false,
  custom: true,
  audio_id: "the clip",
  swap_audio_id: "the other clip",
  continue_at: 1.5,
  replace_section_start: 2.5,
  replace_section_end: 3.5,
  lyrics_strength: 0.1,
  sound_strength: 0.2,
  cover_strength: 0.3,
  weirdness: 0.4,
  seed: "12345678901234567890",
  style: "a style",
  style_negative: "no style",
  vocal_gender: "f",
  lyric_prompt: "about rain",
  callback_url: "https://me.example/hook",
};
const SONG = {
  id: "2a6ac2ad-10f2-4e2b-b500-66ec27fe82ad",
  title: "song title",
  lyric: "song lyric",
  prompt: "song prompt",
  style: "song style",
  sound: "song sound",
  topic: "song topic",
  model: "song model",
  state: "succeeded",
  progress: "100%",
  duration: 61.5,
  seed: "7",
  image_id: "cover id",
  created_at: 1_759_276_801,
  audio_url: "https://a.example/1.m4a",
  image_url: "https://a.example/1.jpg",
  video_url: "https://a.example/1.mp4",
  file_url: "https://a.example/1.wav",
  stems_url: "https://a.example/1.zip",
};
const RECORD = {
  _id: "object id",
  id: ID,
  type: "audios",
  api_id: "api",
  application_id: "application",
  credential_id: "credential",
  user_id: "user",
  trace_id: "trace",
  created_at: 1_759_276_800,
  started_at: 1_759_276_802.25,
  finished_at: 1_759_276_830,
  elapsed: 28,
  request: REQUEST,
  response: { success: true, data: [SONG] },
};

function mapped(changes: object = {}) {
  const reading = readRecord(JSON.stringify({ ...RECORD, ...changes }));
  if (!("record" in reading)) throw new Error("cannot be read");
  return mapRecord(reading.record);
}

describe("a record", () => {
  it("gives each column its own field", () => {
    expect(mapped().task).toEqual({
      id: ID,
      objectId: "object id",
      type: "audios",
      state: "succeeded",
      stateReason: expect.any(String) as unknown,
      action: "extend",
      model: "FUZZ-2.0",
      prompt: "a prompt",
      lyric: "a lyric",
      title: "a title",
      instrumental: false,
      custom: true,
      referenceAudioId: "the clip",
      swapAudioId: "the other clip",
      continueAt: 1.5,
      replaceSectionStart: 2.5,
      replaceSectionEnd: 3.5,
      lyricsStrength: 0.1,
      soundStrength: 0.2,
      coverStrength: 0.3,
      weirdness: 0.4,
      seed: "12345678901234567890",
      style: "a style",
      styleNegative: "no style",
      vocalGender: "f",
      lyricPrompt: "about rain",
      callbackUrl: "https://me.example/hook",
      createdAt: 1_759_276_800_000,
      startedAt: 1_759_276_802_250,
      finishedAt: 1_759_276_830_000,
      elapsedSeconds: 28,
      errorCode: null,
      errorMessage: null,
      apiId: "api",
      applicationId: "application",
      credentialId: "credential",
      userId: "user",
      traceId: "trace",
    });
  });

  it("without a request has none of its columns", () => {
    const { task } = mapped({ request: null });
    for (const column of [
      "action",
      "model",
      "prompt",
      "lyric",
      "title",
      "instrumental",
      "custom",
      "seed",
      "weirdness",
    ] as const)
      expect(task[column]).toBeNull();
  });

  it("says how long it took by elapsed, else by duration", () => {
    expect(mapped({ elapsed: undefined, duration: 31 }).task.elapsedSeconds).toBe(31);
    expect(mapped({ elapsed: 0, duration: 31 }).task.elapsedSeconds).toBe(0);
  });

  it("of a lyrics task has its words in the answer, unless it was asked with some", () => {
    const lyrics = (data: object, request: object = {}) => {
      const { lyric, title } = mapped({ type: "lyrics", request, response: { success: true, data } }).task;
      return { lyric, title };
    };
    expect(lyrics({ lyrics: "one", lyric: "two", text: "three", title: "T" })).toEqual({ lyric: "one", title: "T" });
    expect(lyrics({ lyric: "two", text: "three" })).toEqual({ lyric: "two", title: null });
    expect(lyrics({ text: "three" })).toEqual({ lyric: "three", title: null });
    expect(lyrics({ lyrics: "one", title: "T" }, { lyric: "asked", title: "A" })).toEqual({
      lyric: "asked",
      title: "A",
    });
  });
});

describe("a clip", () => {
  it("gives each column its own field", () => {
    expect(mapped().clips).toEqual([
      {
        id: SONG.id,
        taskId: ID,
        title: "song title",
        lyric: "song lyric",
        prompt: "song prompt",
        style: "song style",
        sound: "song sound",
        topic: "song topic",
        model: "song model",
        action: "extend",
        state: "succeeded",
        progress: "100%",
        durationSeconds: 61.5,
        seed: "7",
        imageId: "cover id",
        createdAt: 1_759_276_801_000,
        audioUrl: SONG.audio_url,
        imageUrl: SONG.image_url,
        videoUrl: SONG.video_url,
        wavUrl: SONG.file_url,
        stemsUrl: SONG.stems_url,
      },
    ]);
  });

  it("has its task's prompt and time where it has none", () => {
    const [clip] = mapped({ response: { success: true, data: [{ ...SONG, prompt: null, created_at: null }] } }).clips;
    expect(clip).toMatchObject({ prompt: "a prompt", createdAt: 1_759_276_800_000 });
    const [bare] = mapped({ request: null, response: { success: true, data: [{ ...SONG, prompt: null }] } }).clips;
    expect(bare).toMatchObject({ prompt: null, action: null });
  });

  it("without an id has its position as one, from 0", () => {
    const { clips, assets } = mapped({
      response: { success: true, data: [SONG, { ...SONG, id: null }, { ...SONG, id: "" }] },
    });
    expect(clips.map(({ id }) => id)).toEqual([SONG.id, `${ID}_1`, `${ID}_2`]);
    expect([...new Set(assets.map(({ clipId }) => clipId))]).toEqual([SONG.id, `${ID}_1`, `${ID}_2`]);
  });
});

describe("files", () => {
  it("are one for each URL of a clip, by kind", () => {
    expect(mapped().assets).toEqual([
      { taskId: ID, clipId: SONG.id, kind: "audio", url: SONG.audio_url },
      { taskId: ID, clipId: SONG.id, kind: "image", url: SONG.image_url },
      { taskId: ID, clipId: SONG.id, kind: "video", url: SONG.video_url },
      { taskId: ID, clipId: SONG.id, kind: "wav", url: SONG.file_url },
      { taskId: ID, clipId: SONG.id, kind: "stems", url: SONG.stems_url },
    ]);
  });

  it("of a task as a whole belong to no clip", () => {
    const data = { id: "x", file_url: "https://a.example/whole.wav", stems_url: "https://a.example/whole.zip" };
    expect(mapped({ type: "wav", response: { success: true, data } })).toMatchObject({
      clips: [],
      assets: [
        { taskId: ID, clipId: null, kind: "wav", url: data.file_url },
        { taskId: ID, clipId: null, kind: "stems", url: data.stems_url },
      ],
    });
  });

  it("are none without a URL, with a blank one, or while the task is open", () => {
    const blank = { ...SONG, image_url: "", video_url: "  ", file_url: null, stems_url: undefined };
    expect(mapped({ response: { success: true, data: [blank] } }).assets.map(({ kind }) => kind)).toEqual(["audio"]);
    expect(mapped({ response: null, finished_at: null }).assets).toEqual([]);
    const open = mapped({ finished_at: null, response: { data: [{ ...SONG, state: "pending" }] } });
    expect(open.task.state).toBe("pending");
    expect(open.assets).toEqual([]);
  });
});

it("a result that came as the last word is settled without a time of its end", () => {
  const reading = readResult(ID, JSON.stringify({ task_id: ID, data: [SONG] }));
  if (!("record" in reading)) throw new Error("cannot be read");
  const record = { ...reading.record, id: ID };
  expect(mapRecord(record, true).task.state).toBe("succeeded");
});

it("of two records the richer one is further along, then has more files", () => {
  const whole = mapped();
  const audioOnly = mapped({
    response: { success: true, data: [{ ...SONG, image_url: null, video_url: null, file_url: null, stems_url: null }] },
  });
  const open = mapped({ response: null, finished_at: null });
  expect(richness(whole)).toBeGreaterThan(richness(audioOnly));
  expect(richness(audioOnly)).toBeGreaterThan(richness(open));
  const many = Array.from({ length: 1500 }, (_, at) => ({ ...SONG, id: `clip ${at}` }));
  const partial = mapped({ response: { success: true, data: [...many, { id: "x", state: "failed" }] } });
  expect(richness(whole) - richness(partial)).toBeGreaterThan(partial.task.state === "succeeded" ? -1000 : 0);
});
