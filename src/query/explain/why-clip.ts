import type { ClipRow } from "../../db/schema.ts";
import { isoMinute } from "../../lib/time/dates.ts";

/** Why a clip is in its state, apart from its task and its files. `shownBy`: each task that shows it. */
export function clipSentences(clip: ClipRow, shownBy: string[]): string[] {
  return [...cameWith(clip, shownBy), judged(clip), ...taken(clip)];
}

function cameWith({ taskId }: ClipRow, shownBy: string[]): string[] {
  const others = [...new Set(shownBy)].filter((id) => id !== taskId);
  const also =
    others.length === 0
      ? ""
      : `; ${others.length === 1 ? "task" : "tasks"} ${others.join(", ")} ${others.length === 1 ? "shows" : "show"} it too`;
  return [`It came with task ${taskId}${also}.`];
}

function judged(clip: ClipRow): string {
  const { state } = clip;
  if (state === "pending")
    return "It is pending because its task is still open: an address may be a preview until then.";
  const media = [clip.audioUrl, clip.videoUrl, clip.wavUrl, clip.stemsUrl].some((url) => url?.trim());
  if (state === "succeeded") return "It is succeeded because its task has ended and it has the address of a file.";
  return media
    ? "It is failed because its own state word says so."
    : "It is failed because its task has ended and it has no audio, video, wav or stems address; a cover alone is no song.";
}

function taken({ removedAt, purgedAt }: ClipRow): string[] {
  return [
    ...(removedAt === null
      ? []
      : [`Its owner took it out at ${isoMinute(removedAt)} (\`rm\`): no list shows it, no sync fetches it.`]),
    ...(purgedAt === null ? [] : [`Its texts were blanked at ${isoMinute(purgedAt)} (\`rm --purge\`).`]),
  ];
}
