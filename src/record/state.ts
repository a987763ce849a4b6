import { clipHasMedia, endOf, responseError, hasMedia, isPlaceholder, songsOf } from "./response.ts";
import { DONE, FAILED, isWord, OPEN, overallWords, stateWords, wordsOf } from "./state-words.ts";
import type { WireClip, WireRecord, WireResponse, WireResult } from "./wire.ts";

/** The state of a task whose record was received. */
export type TaskState = "pending" | "succeeded" | "partial" | "failed";
export type ClipState = "pending" | "succeeded" | "failed";

/** Which rule gave a state: stable words, kept in `tasks.state_reason` and explained to people by `why`. */
export type Reason =
  | "error_code"
  | "success_false"
  | "error_text"
  | "open_word"
  | "unknown_word"
  | "failed_word"
  | "no_response"
  | "no_data"
  | "no_media"
  | "no_media_yet"
  | "not_finished"
  | "clips_done"
  | "finished_with_media"
  | "data";

export type Classification = {
  state: TaskState;
  reason: Reason;
  /** State words that no rule knows; they leave a task pending and are reported. */
  unknownWords: string[];
};

/**
 * The state of a task from its record alone. A stored Producer body carries no `success` and no top-level state, a
 * media URL may be a streaming preview while the task is open, and a failure may never get `finished_at`: so no single
 * field decides. `final` is for a synchronous or callback body, which is only ever sent when the task has ended.
 * Source: the rules of producer-api §3.3 with the decisions of the design, "The run" 5.
 */
export function classify(record: WireRecord, final = false): Classification {
  const response = record.response;
  if (!response || isPlaceholder(response)) return withoutResponse(record);
  const finished = final || endOf(record) !== null;
  const words = stateWords(record, response);
  // Media beside `success: false` are what is left of a failure, unless a word says that it goes on.
  const failure = failureReason(response, finished || (words.length === 0 && hasMedia(response)));
  const unknownWords = words.filter((word) => !DONE.has(word) && !FAILED.has(word) && !OPEN.has(word));
  if (failure) return classification(hasMedia(response) ? "partial" : "failed", failure, unknownWords);
  if (words.some((word) => OPEN.has(word))) return classification("pending", "open_word", unknownWords);
  if (unknownWords.length > 0) return classification("pending", "unknown_word", unknownWords);
  const overall = overallWords(record, response);
  if (overall.some((word) => FAILED.has(word)))
    return classification(hasMedia(response) ? "partial" : "failed", "failed_word");
  if (isOther(record, response)) return classifyOther(response, finished);
  return classifySongs(songsOf(response), response, finished);
}

/** A failure of the whole task needs no response; any other word does. */
function withoutResponse(record: WireRecord): Classification {
  const words = wordsOf(record);
  if (words.some((word) => FAILED.has(word))) return classification("failed", "failed_word");
  return classification(
    "pending",
    "no_response",
    words.filter((word) => !DONE.has(word) && !OPEN.has(word)),
  );
}

/** The state of one clip of a task, in our words. */
export function classifyClip(clip: WireClip, task: TaskState): ClipState {
  if (task === "pending") return "pending";
  if (isWord(clip, FAILED)) return "failed";
  return clipHasMedia(clip) ? "succeeded" : "failed";
}

/** `error.code` ends a task at once; `success: false` and a bare error text only together with another sign of the end. */
function failureReason(response: WireResponse, finished: boolean): Reason | undefined {
  if (responseError(response).code) return "error_code";
  return finished ? complaintOf(response) : undefined;
}

function complaintOf(response: WireResponse): Reason | undefined {
  return response.success === false ? "success_false" : responseError(response).message ? "error_text" : undefined;
}

function classifySongs(clips: WireClip[], response: WireResponse, finished: boolean): Classification {
  if (clips.length === 0) return classification("pending", "no_data");
  const failed = clips.filter((clip) => isWord(clip, FAILED));
  const done = clips.filter((clip) => isWord(clip, DONE));
  const withMedia = clips.filter(clipHasMedia);
  if (failed.length === clips.length) return classification(withMedia.length > 0 ? "partial" : "failed", "failed_word");
  if (failed.length + done.length === clips.length) {
    if (withMedia.length === 0) return classification("failed", failed.length > 0 ? "failed_word" : "no_media");
    const lack =
      failed.length > 0
        ? "failed_word"
        : (complaintOf(response) ?? (withMedia.length < clips.length ? "no_media" : undefined));
    return lack ? classification("partial", lack) : classification("succeeded", "clips_done");
  }
  if (!finished) return classification("pending", "not_finished");
  if (withMedia.length > 0) return classification(failed.length > 0 ? "partial" : "succeeded", "finished_with_media");
  return response.success === true ? classification("failed", "no_media") : classification("pending", "no_media_yet");
}

/** Lyrics, upload, wav and videos tasks carry no song: any data together with a sign of the end is enough. */
function classifyOther(response: WireResponse, finished: boolean): Classification {
  const { data } = response;
  const filled = Array.isArray(data)
    ? data.length > 0
    : data != null && Object.values(data).some((value) => value != null && value !== "");
  if (!filled) return classification("pending", "no_data");
  const parts = Array.isArray(data) ? data : [data as WireResult];
  if (parts.some((part) => isWord(part, FAILED)))
    return classification(hasMedia(response) ? "partial" : "failed", "failed_word");
  if (complaintOf(response)) return classification("pending", "not_finished");
  return finished || response.success === true
    ? classification("succeeded", "data")
    : classification("pending", "not_finished");
}

function isOther(record: WireRecord, response: WireResponse): boolean {
  const data = response.data;
  return (data != null && !Array.isArray(data)) || ["lyrics", "upload", "wav", "videos"].includes(record.type ?? "");
}

function classification(state: TaskState, reason: Reason, unknownWords: string[] = []): Classification {
  return { state, reason, unknownWords: [...new Set(unknownWords)] };
}
