import { finishedClip, runningClip } from "./clip-shape.ts";
import { uuidOf } from "./ids.ts";
import type { RecordValue, TaskRecord } from "./library-types.ts";
import { milliseconds, taskRecord } from "./record-shape.ts";
import { clipPlan, demoTaskId, songPlan, songTask } from "./song-task.ts";
import type { DemoSong } from "./songs.ts";

const FETCH_FAILED = { code: "api_error", message: "fetch failed" };
const FLAGGED = { code: "forbidden", message: "The lyric was refused by moderation." };

const FAILED: DemoSong = {
  key: "failed",
  at: "2025-12-05T14:02:11.300Z",
  title: "Untitled",
  model: "FUZZ-2.0",
  prompt: "acoustic cover of my own voice memo",
  lyric: "[Verse]\nThis one never came back",
};
const FAILED_OPEN: DemoSong = {
  key: "failed-open",
  at: "2026-05-02T09:40:00.123Z",
  title: "Untitled",
  model: "FUZZ-2.0 Pro",
  prompt: "angry metal",
  lyric: "[Verse]\nNot a line of this was let through",
};
const PARTIAL: DemoSong = {
  key: "partial",
  at: "2026-07-09T16:16:16.160Z",
  title: "Half a Thunderstorm",
  model: "FUZZ-2.0",
  prompt: "cinematic, storm, choir",
  lyric: "[Verse]\nThe sky came down in pieces and we only caught a few",
};
const RUNNING: Omit<DemoSong, "at"> = {
  key: "running",
  title: "While the Paint Is Wet",
  model: "FUZZ-2.0 Pro",
  prompt: "slow soul, organ, live room",
  lyric: "[Verse]\nDon’t lean on the evening while the paint is wet",
};

/** Failed, with every field that a failed record can have. */
export function failedTask(): TaskRecord {
  const plan = songPlan(FAILED);
  const response = { success: false, task_id: plan.id, error: FETCH_FAILED, trace_id: uuidOf(`trace ${plan.id}`) };
  return taskRecord({ ...plan, response });
}

/** Failed, and never gets a `finished_at`. */
export function failedOpenTask(): TaskRecord {
  const { elapsed: _, ...plan } = songPlan(FAILED_OPEN);
  return taskRecord({ ...plan, response: { success: false, error: FLAGGED, trace_id: uuidOf(`trace ${plan.id}`) } });
}

/** Reported as failed, but with a song that plays. */
export function partialTask(assetBase: string): TaskRecord {
  const plan = songPlan(PARTIAL);
  const data = [finishedClip(clipPlan(PARTIAL, assetBase))];
  return taskRecord({ ...plan, response: { success: false, task_id: plan.id, error: FETCH_FAILED, data } });
}

/** Pending in the first `pendingResponses` responses, with a preview to play, then done. `now` in milliseconds. */
export function runningTask(assetBase: string, now: number, pendingResponses: number): RecordValue {
  const song = { ...RUNNING, at: new Date(now - 20_000).toISOString() };
  return (fetches) => {
    if (fetches >= pendingResponses) return songTask(song, assetBase);
    const { elapsed: _, ...plan } = songPlan(song);
    const clip = runningClip({ ...clipPlan(song, assetBase), createdAt: milliseconds(plan.createdAt + 4) });
    return taskRecord({ ...plan, response: { task_id: plan.id, data: [clip] } });
  };
}

/** An id that the user still has and the service no longer knows. */
export const FORGOTTEN_ID = demoTaskId("forgotten");
