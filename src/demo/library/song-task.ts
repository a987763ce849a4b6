import { finishedClip, type ClipPlan } from "./clip-shape.ts";
import { seedOf, uuidOf } from "./ids.ts";
import type { TaskRecord } from "./library-types.ts";
import { milliseconds, taskRecord, type TaskPlan } from "./record-shape.ts";
import type { DemoSong } from "./songs.ts";

export function demoTaskId(key: string): string {
  return uuidOf(`demo task ${key}`);
}

export function demoClipId(key: string): string {
  return uuidOf(`demo clip ${key}`);
}

export function secondsOf(iso: string): number {
  return milliseconds(Date.parse(iso) / 1000);
}

/** The record of a song that was made successfully. */
export function songTask(song: DemoSong, assetBase: string): TaskRecord {
  const plan = songPlan(song);
  const id = plan.id;
  const success = song.saysSuccess === true ? { success: true, trace_id: uuidOf(`trace ${id}`) } : {};
  return taskRecord({
    ...plan,
    response: { task_id: id, data: [finishedClip(clipPlan(song, assetBase))], ...success },
  });
}

/** All but the response. */
export function songPlan(song: DemoSong): TaskPlan {
  const createdAt = secondsOf(song.at);
  return {
    id: demoTaskId(song.key),
    type: "audios",
    request: requestOf(song),
    createdAt,
    elapsed: milliseconds(28 + ((createdAt * 7) % 31)),
  };
}

export function clipPlan(song: DemoSong, assetBase: string): ClipPlan {
  const { key, title, lyric, sound } = song;
  return {
    id: demoClipId(key),
    assetBase,
    title,
    lyric,
    seed: seedOf(`seed ${key}`),
    model: song.clipModel ?? song.model,
    createdAt: secondsOf(song.at) + 15.47,
    ...(sound !== undefined && { sound }),
  };
}

function requestOf(song: DemoSong): Record<string, unknown> {
  return {
    action: song.action ?? "generate",
    model: song.model,
    instrumental: false,
    lyric: song.lyric,
    prompt: song.prompt,
    custom: true,
    ...(song.from !== undefined && { audio_id: demoClipId(song.from) }),
    ...(song.swap !== undefined && { swap_audio_id: demoClipId(song.swap) }),
    ...song.request,
    ...delivery(song),
  };
}

/** The older half was requested with a callback, the other half with `async`. */
function delivery({ key, at }: DemoSong): Record<string, unknown> {
  return at < "2026-03" ? { callback_url: `https://example.invalid/hook/${uuidOf(`hook ${key}`)}` } : { async: true };
}
