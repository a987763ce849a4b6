import type { ClipRow } from "../../db/schema.ts";
import { isoMinute } from "../../lib/time/dates.ts";

/** Sentences that explain the state of a clip, without its task and files. `shownBy`: the ids of the tasks that show it. */
export function clipSentences(clip: ClipRow, shownBy: string[]): string[] {
  return [...origin(clip, shownBy), stateReason(clip), ...removal(clip)];
}

function origin({ taskId }: ClipRow, shownBy: string[]): string[] {
  const others = [...new Set(shownBy)].filter((id) => id !== taskId);
  const also =
    others.length === 0
      ? ""
      : `; ${others.length === 1 ? "task" : "tasks"} ${others.join(", ")} ${others.length === 1 ? "shows" : "show"} it too`;
  return [`It came with task ${taskId}${also}.`];
}

function stateReason(clip: ClipRow): string {
  const { state } = clip;
  if (state === "pending")
    return "It is running because its task is still open: until it ends, a URL may be a preview.";
  const media = [clip.audioUrl, clip.videoUrl, clip.wavUrl, clip.stemsUrl].some((url) => url?.trim());
  if (state === "succeeded") return "It is succeeded because its task has ended and it has the URL of a file.";
  return media
    ? "It is failed because its own state word says so."
    : "It is failed because its task has ended and it has no audio, video, wav or stems URL; a cover alone is not a song.";
}

function removal({ removedAt, purgedAt }: ClipRow): string[] {
  return [
    ...(removedAt === null
      ? []
      : [`You removed it at ${isoMinute(removedAt)} (\`rm\`): no list shows it and no sync downloads it.`]),
    ...(purgedAt === null ? [] : [`Its texts were blanked at ${isoMinute(purgedAt)} (\`rm --purge\`).`]),
  ];
}
