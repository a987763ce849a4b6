import type { NewAsset, NewClip, NewTask } from "../db/schema.ts";
import type { AssetKind } from "../lib/asset-kinds.ts";
import { endOf, responseError } from "./response.ts";
import { classify, classifyClip, type TaskState, type Classification } from "./state.ts";
import { stateRank } from "./state-words.ts";
import type { WireClip, WireRecord, WireRequest, WireResult } from "./wire.ts";

/** A task's columns that come from its record; the archive adds versions and times of its own. */
export type MappedTask = Omit<NewTask, "documentVersion" | "firstSeenAt" | "updatedAt" | "service">;
export type MappedClip = Omit<NewClip, "firstSeenAt" | "updatedAt">;

export type MappedRecord = {
  task: MappedTask & { state: TaskState };
  /** In the order of `response.data`; the index is the position. */
  clips: MappedClip[];
  /** Empty while the task is open: a URL may then be a streaming preview. */
  assets: NewAsset[];
  unknownWords: string[];
};

/** The rows of one record: the only bridge from what arrives to what is stored. */
export function mapRecord(record: WireRecord, final = false): MappedRecord {
  const classification = classify(record, final);
  const data = record.response?.data;
  const songs = Array.isArray(data) ? data : [];
  const clips = songs.map((song, position) => mapClip(song, position, record, classification.state));
  const settled = classification.state !== "pending";
  return {
    task: mapTask(record, classification),
    clips,
    assets: settled ? mapAssets(record.id, songs, clips, data) : [],
    unknownWords: classification.unknownWords,
  };
}

/** How much a record contains, to choose between two of the same task: higher is richer. */
export function richness(mapped: MappedRecord): number {
  return stateRank(mapped.task.state) * 1000 + Math.min(999, mapped.assets.length);
}

function mapTask(record: WireRecord, classification: Classification): MappedRecord["task"] {
  const { request, response } = record;
  const error = responseError(response);
  const words = response?.data && !Array.isArray(response.data) ? response.data : undefined;
  return {
    id: record.id,
    objectId: record._id,
    type: record.type,
    state: classification.state,
    stateReason: classification.reason,
    ...mapRequest(request, words),
    createdAt: record.created_at,
    startedAt: record.started_at,
    finishedAt: endOf(record),
    elapsedSeconds: record.elapsed ?? record.duration,
    errorCode: error.code,
    errorMessage: error.message,
    apiId: record.api_id,
    applicationId: record.application_id,
    credentialId: record.credential_id,
    userId: record.user_id,
    traceId: record.trace_id,
  };
}

/** A lyrics task has its words in the response, not in the request. */
function mapRequest(request: WireRequest | null | undefined, words: WireResult | undefined) {
  return {
    action: request?.action ?? null,
    model: request?.model ?? null,
    prompt: request?.prompt ?? null,
    lyric: request?.lyric ?? words?.lyrics ?? words?.lyric ?? words?.text ?? null,
    title: request?.title ?? words?.title ?? null,
    instrumental: request?.instrumental ?? null,
    custom: request?.custom ?? null,
    referenceAudioId: request?.audio_id ?? null,
    swapAudioId: request?.swap_audio_id ?? null,
    continueAt: request?.continue_at ?? null,
    replaceSectionStart: request?.replace_section_start ?? null,
    replaceSectionEnd: request?.replace_section_end ?? null,
    lyricsStrength: request?.lyrics_strength ?? null,
    soundStrength: request?.sound_strength ?? null,
    coverStrength: request?.cover_strength ?? null,
    weirdness: request?.weirdness ?? null,
    seed: request?.seed ?? null,
    style: request?.style ?? null,
    styleNegative: request?.style_negative ?? null,
    vocalGender: request?.vocal_gender ?? null,
    lyricPrompt: request?.lyric_prompt ?? null,
    callbackUrl: request?.callback_url ?? null,
  };
}

function mapClip(song: WireClip, position: number, record: WireRecord, task: TaskState): MappedClip {
  return {
    id: song.id || `${record.id}_${position}`,
    taskId: record.id,
    title: song.title,
    lyric: song.lyric,
    prompt: song.prompt ?? record.request?.prompt ?? null,
    style: song.style,
    sound: song.sound,
    topic: song.topic,
    model: song.model,
    action: record.request?.action ?? null,
    state: classifyClip(song, task),
    progress: song.progress,
    durationSeconds: song.duration,
    seed: song.seed,
    imageId: song.image_id,
    createdAt: song.created_at ?? record.created_at,
    audioUrl: song.audio_url,
    imageUrl: song.image_url,
    videoUrl: song.video_url,
    wavUrl: song.file_url,
    stemsUrl: song.stems_url,
  };
}

function mapAssets(
  taskId: string,
  songs: WireClip[],
  clips: MappedClip[],
  data: WireClip[] | WireResult | null | undefined,
): NewAsset[] {
  if (!Array.isArray(data)) return data ? urlsOf(data).map(([kind, url]) => ({ taskId, clipId: null, kind, url })) : [];
  return songs.flatMap((song, position) => {
    const clipId = clips[position]?.id ?? null;
    return urlsOf(song).map(([kind, url]) => ({ taskId, clipId, kind, url }));
  });
}

function urlsOf(part: WireClip | WireResult): [AssetKind, string][] {
  const urls: [AssetKind, string | null][] = [
    ["audio", part.audio_url],
    ["image", part.image_url],
    ["video", part.video_url],
    ["wav", part.file_url],
    ["stems", part.stems_url],
  ];
  return urls.filter((pair): pair is [AssetKind, string] => Boolean(pair[1]?.trim()));
}
