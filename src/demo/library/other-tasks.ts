import { assetUrl } from "./asset-path.ts";
import { authorOf } from "./clip-shape.ts";
import { sha256, uuidOf } from "./ids.ts";
import type { TaskRecord } from "./library-types.ts";
import { taskRecord, type TaskType } from "./record-shape.ts";
import { demoClipId, demoTaskId, secondsOf } from "./song-task.ts";

/** The tasks that are no songs: stems, WAV, video, lyrics, and an uploaded recording. */
export function otherTasks(assetBase: string): TaskRecord[] {
  return [stems(assetBase), wav(assetBase), video(assetBase), lyrics(), upload(assetBase)];
}

function stems(assetBase: string): TaskRecord {
  const request = { action: "stems", audio_id: demoClipId("gravity"), lyric: "", prompt: "", async: true };
  const stemsUrl = assetUrl(assetBase, "stems", demoTaskId("stems"));
  const part = { title: "Gravity Owes Me a Dance", lyric: "", stems_url: stemsUrl, model: "" };
  return task("stems", "audios", "2026-06-25T08:30:00.040Z", request, [
    { ...part, progress: "100%", state: "succeeded" },
  ]);
}

/** `data` is an array, and its element has no id. */
function wav(assetBase: string): TaskRecord {
  const fileUrl = assetUrl(assetBase, "wav", uuidOf("demo wav"), { rest: "2026-01-24" });
  const data = [{ title: "Maps of the Kitchen Floor", file_url: fileUrl }];
  return task("wav", "wav", "2026-01-24T10:00:31.250Z", { audio_id: demoClipId("maps") }, data);
}

/** `data` is an object; the file name contains a colon. */
function video(assetBase: string): TaskRecord {
  const clipId = demoClipId("bicycle");
  const data = { video_url: assetUrl(assetBase, "video", clipId, { rest: sha256(`video ${clipId}`) }) };
  return task("video", "videos", "2026-03-15T15:20:02.871Z", { audio_id: clipId }, data, { success: true });
}

function lyrics(): TaskRecord {
  const text =
    "[Verse 1]\nThe hedge has kept the frost for us in every smallest cup\n[Chorus]\nWinter, put it down, winter, pick it up";
  const data = { title: "Cups of Frost", lyrics: text };
  return task("lyrics", "lyrics", "2025-12-29T09:09:09.090Z", { prompt: "A song about winter" }, data);
}

function upload(assetBase: string): TaskRecord {
  const clipId = demoClipId("upload");
  const audioUrl = assetUrl(assetBase, "audio", clipId, { author: authorOf(clipId) });
  const request = { audio_url: "https://example.invalid/memos/hummed-on-the-way-home.mp3" };
  const data = { audio_id: clipId, lyric: "", audio_url: audioUrl };
  return task("upload", "upload", "2026-03-29T11:02:17.600Z", request, data, { success: true });
}

function task(
  key: string,
  type: TaskType,
  at: string,
  request: Record<string, unknown>,
  data: object,
  extra: Record<string, unknown> = {},
): TaskRecord {
  const id = demoTaskId(key);
  return taskRecord({
    id,
    type,
    request,
    createdAt: secondsOf(at),
    elapsed: 12.345,
    response: { task_id: id, data, ...extra },
  });
}
