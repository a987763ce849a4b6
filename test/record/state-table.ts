import type { TaskState } from "../../src/record/state.ts";

/** A record's fields over `{ id }`, and what state it is in by producer-api §3.3 and the design's "The run" 5. */
export type Row = {
  what: string;
  record: Record<string, unknown>;
  state: TaskState;
  reason: string;
  unknown?: string[];
};

const AT = 1767119785.589;
const audio = "https://storage.googleapis.com/corpusant-app-public/riffs/a/audio/b.m4a";
const image = "https://storage.googleapis.com/corpusant-app-public/riffs/a/image/b.jpg";
const song = { id: "b", audio_url: audio, image_url: image, state: "succeeded" };
const other = { ...song, id: "c" };
const wordless = { id: "b", audio_url: audio };
const error = { code: "api_error", message: "fetch failed" };

function songs(response: unknown, fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { type: "audios", response, ...fields };
}

function of(type: string, response: unknown, fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { type, response, ...fields };
}

const done = { finished_at: AT };

const RUNNING: Row[] = [
  { what: "just created: no response at all", record: { type: "audios" }, state: "pending", reason: "no_response" },
  { what: "response null", record: songs(null), state: "pending", reason: "no_response" },
  { what: "response null with finished_at", record: songs(null, done), state: "pending", reason: "no_response" },
  { what: "response {}", record: songs({}), state: "pending", reason: "no_response" },
  {
    what: "only a task id in the response",
    record: songs({ task_id: "x" }, done),
    state: "pending",
    reason: "no_response",
  },
  {
    what: "success: true without data",
    record: songs({ success: true, task_id: "x" }),
    state: "pending",
    reason: "no_data",
  },
  {
    what: "success: true without data, finished",
    record: songs({ success: true }, done),
    state: "pending",
    reason: "no_data",
  },
  { what: "data []", record: songs({ data: [] }, done), state: "pending", reason: "no_data" },
  { what: "data null", record: songs({ success: true, data: null }, done), state: "pending", reason: "no_data" },
  {
    what: "status processing with finished_at",
    record: songs({ status: "processing", data: [song] }, done),
    state: "pending",
    reason: "open_word",
  },
  {
    what: "a preview URL while the clip is pending",
    record: songs({ data: [{ ...song, state: "pending" }] }),
    state: "pending",
    reason: "open_word",
  },
  {
    what: "a preview URL while the clip is pending, finished_at set",
    record: songs({ success: true, data: [{ ...song, state: "PENDING " }] }, done),
    state: "pending",
    reason: "open_word",
  },
  {
    what: "a URL and no word at all, not finished",
    record: songs({ success: true, data: [wordless] }),
    state: "pending",
    reason: "not_finished",
  },
  {
    what: "one clip done, one running",
    record: songs({ data: [song, { id: "c", state: "running" }] }),
    state: "pending",
    reason: "open_word",
  },
  {
    what: "one clip done, one silent, not finished",
    record: songs({ data: [song, { id: "c" }] }),
    state: "pending",
    reason: "not_finished",
  },
  {
    what: "finished, a cover and no sound yet",
    record: songs({ data: [{ id: "b", image_url: image }] }, done),
    state: "pending",
    reason: "no_media_yet",
  },
  { what: "success: false alone", record: songs({ success: false }), state: "pending", reason: "no_data" },
  {
    what: "a top-level word that runs",
    record: songs({ data: [song] }, { state: "running" }),
    state: "pending",
    reason: "open_word",
  },
  {
    what: "an error text without another sign",
    record: songs({ error: "provider timeout" }),
    state: "pending",
    reason: "no_data",
  },
  { what: "error null", record: songs({ error: null }), state: "pending", reason: "no_response" },
];

const UNKNOWN: Row[] = [
  {
    what: "an unknown word of a clip, finished",
    record: songs({ success: true, data: [{ ...song, state: "remastering" }] }, done),
    state: "pending",
    reason: "unknown_word",
    unknown: ["remastering"],
  },
  {
    what: "an unknown status of the response",
    record: songs({ status: "Archived", data: [song] }, done),
    state: "pending",
    reason: "unknown_word",
    unknown: ["archived"],
  },
  {
    what: "an unknown top-level word, no response",
    record: { state: "warming" },
    state: "pending",
    reason: "no_response",
    unknown: ["warming"],
  },
  {
    what: "an unknown word beside a failure",
    record: songs({ success: false, error, data: [{ id: "b", state: "melted" }] }, done),
    state: "failed",
    reason: "error_code",
    unknown: ["melted"],
  },
];

const SUCCEEDED: Row[] = [
  {
    what: "the real body: no success, no state of the task",
    record: songs({ task_id: "x", data: [song] }, done),
    state: "succeeded",
    reason: "clips_done",
  },
  { what: "the same without finished_at", record: songs({ data: [song] }), state: "succeeded", reason: "clips_done" },
  {
    what: "success: true as well",
    record: songs({ success: true, data: [song] }, done),
    state: "succeeded",
    reason: "clips_done",
  },
  {
    what: "another word for done",
    record: songs({ data: [{ ...song, state: "complete" }] }),
    state: "succeeded",
    reason: "clips_done",
  },
  {
    what: "two clips, both done",
    record: songs({ data: [song, other] }, done),
    state: "succeeded",
    reason: "clips_done",
  },
  {
    what: "no words, finished, a URL",
    record: songs({ data: [wordless] }, done),
    state: "succeeded",
    reason: "finished_with_media",
  },
  {
    what: "no words, success: true, finished",
    record: songs({ success: true, data: [wordless] }, done),
    state: "succeeded",
    reason: "finished_with_media",
  },
  {
    what: "finished_at inside the response",
    record: songs({ finished_at: AT, data: [wordless] }),
    state: "succeeded",
    reason: "finished_with_media",
  },
  {
    what: "the word succeed",
    record: songs({ data: [{ ...song, state: "Succeed" }] }),
    state: "succeeded",
    reason: "clips_done",
  },
  {
    what: "finished_at as ISO text",
    record: songs({ data: [wordless] }, { finished_at: "2025-12-30T18:36:25Z" }),
    state: "succeeded",
    reason: "finished_with_media",
  },
  {
    what: "stems: no id, no audio_url",
    record: songs(
      { data: [{ title: "x", stems_url: "https://platform.cdn.acedata.cloud/producer/x.zip", state: "succeeded" }] },
      done,
    ),
    state: "succeeded",
    reason: "clips_done",
  },
  {
    what: "error null beside a song",
    record: songs({ error: null, data: [song] }, done),
    state: "succeeded",
    reason: "clips_done",
  },
  {
    what: "no type at all",
    record: { response: { data: [song] }, finished_at: AT },
    state: "succeeded",
    reason: "clips_done",
  },
  {
    what: "only a video",
    record: songs({ data: [{ id: "b", video_url: "https://x/v.mp4", state: "succeeded" }] }),
    state: "succeeded",
    reason: "clips_done",
  },
];

const FAILED: Row[] = [
  {
    what: "success: false with an error",
    record: songs({ success: false, error, trace_id: "t" }, done),
    state: "failed",
    reason: "error_code",
  },
  {
    what: "the same with data []",
    record: songs({ success: false, error, data: [] }, done),
    state: "failed",
    reason: "error_code",
  },
  {
    what: "failed without finished_at",
    record: songs({ success: false, error }),
    state: "failed",
    reason: "error_code",
  },
  {
    what: "an error as text, finished",
    record: songs({ error: "provider timeout" }, done),
    state: "failed",
    reason: "error_text",
  },
  {
    what: "success: false, finished, no error",
    record: songs({ success: false }, done),
    state: "failed",
    reason: "success_false",
  },
  {
    what: "a failed word of the response",
    record: songs({ status: "failed" }),
    state: "failed",
    reason: "failed_word",
  },
  {
    what: "a failed word of the task, no response",
    record: { type: "audios", state: "failed" },
    state: "failed",
    reason: "failed_word",
  },
  {
    what: "the only clip failed",
    record: songs({ data: [{ id: "b", state: "error" }] }),
    state: "failed",
    reason: "failed_word",
  },
  {
    what: "done without any media",
    record: songs({ data: [{ id: "b", state: "succeeded" }] }, done),
    state: "failed",
    reason: "no_media",
  },
  {
    what: "done with a cover alone",
    record: songs({ data: [{ id: "b", state: "succeeded", image_url: image }] }),
    state: "failed",
    reason: "no_media",
  },
  {
    what: "done with blanks for a URL",
    record: songs({ data: [{ id: "b", state: "succeeded", audio_url: "  " }] }),
    state: "failed",
    reason: "no_media",
  },
  {
    what: "two clips done, none with media",
    record: songs({ data: [{ state: "done" }, { state: "complete" }] }),
    state: "failed",
    reason: "no_media",
  },
];

const PARTIAL: Row[] = [
  {
    what: "success: false with a song that plays",
    record: songs({ success: false, error, data: [song] }, done),
    state: "partial",
    reason: "error_code",
  },
  {
    what: "success: false with a song, no error",
    record: songs({ success: false, data: [song] }, done),
    state: "partial",
    reason: "success_false",
  },
  {
    what: "the same without finished_at",
    record: songs({ success: false, data: [song] }),
    state: "partial",
    reason: "success_false",
  },
  {
    what: "success: false with a song that has no word, not finished",
    record: songs({ success: false, data: [wordless] }),
    state: "partial",
    reason: "success_false",
  },
  {
    what: "one clip done, one failed",
    record: songs({ data: [song, { id: "c", state: "failed" }] }),
    state: "partial",
    reason: "failed_word",
  },
  {
    what: "one clip with media, one without",
    record: songs({ data: [song, { id: "c", state: "succeeded" }] }, done),
    state: "partial",
    reason: "no_media",
  },
  {
    what: "an error text and a song",
    record: songs({ error: "half of it", data: [song] }, done),
    state: "partial",
    reason: "error_text",
  },
  {
    what: "a failed word of the task and a song",
    record: songs({ data: [song] }, { status: "failed" }),
    state: "partial",
    reason: "failed_word",
  },
];

const OTHER: Row[] = [
  {
    what: "lyrics, success: true",
    record: of("lyrics", { success: true, data: { title: "t", lyrics: "l" } }),
    state: "succeeded",
    reason: "data",
  },
  {
    what: "lyrics as text with status complete",
    record: of("lyrics", { success: true, data: { text: "l", status: "complete" } }),
    state: "succeeded",
    reason: "data",
  },
  {
    what: "lyrics, finished_at instead",
    record: of("lyrics", { data: { text: "l" } }, done),
    state: "succeeded",
    reason: "data",
  },
  { what: "lyrics, neither", record: of("lyrics", { data: { text: "l" } }), state: "pending", reason: "not_finished" },
  {
    what: "lyrics, empty data",
    record: of("lyrics", { success: true, data: {} }, done),
    state: "pending",
    reason: "no_data",
  },
  {
    what: "upload",
    record: of("upload", { success: true, data: { audio_id: "b", lyric: "", audio_url: audio } }),
    state: "succeeded",
    reason: "data",
  },
  {
    what: "upload with an audio id alone",
    record: of("upload", { success: true, data: { audio_id: "b" } }),
    state: "succeeded",
    reason: "data",
  },
  {
    what: "wav",
    record: of("wav", { success: true, data: [{ title: "t", file_url: "https://x/a.wav" }] }),
    state: "succeeded",
    reason: "data",
  },
  { what: "wav, data []", record: of("wav", { success: true, data: [] }, done), state: "pending", reason: "no_data" },
  {
    what: "videos",
    record: of("videos", { success: true, data: { video_url: "https://x/v.mp4" } }),
    state: "succeeded",
    reason: "data",
  },
  {
    what: "data as an object in a task of songs",
    record: songs({ success: true, data: song }),
    state: "succeeded",
    reason: "data",
  },
  {
    what: "an unknown field as data",
    record: of("lyrics", { success: true, data: { verse: "x" } }),
    state: "succeeded",
    reason: "data",
  },
  {
    what: "data that says failed",
    record: of("lyrics", { success: true, data: { status: "failed" } }),
    state: "failed",
    reason: "failed_word",
  },
  {
    what: "data that still runs",
    record: of("videos", { data: { status: "processing" } }, done),
    state: "pending",
    reason: "open_word",
  },
  {
    what: "lyrics with an error",
    record: of("lyrics", { success: false, error }),
    state: "failed",
    reason: "error_code",
  },
];

export const STATE_TABLE: Row[] = [...RUNNING, ...UNKNOWN, ...SUCCEEDED, ...FAILED, ...PARTIAL, ...OTHER];
