import type { ClipListing } from "../../query/lists/clips.ts";
import { clockTime } from "../../lib/time/durations.ts";
import type { Listing } from "../output/rows.ts";

/** How clips look: all fields in CSV, the ones that tell songs apart in a table. */
export const CLIP_LISTING: Listing<ClipListing> = {
  fields: [
    "id",
    "taskId",
    "title",
    "model",
    "action",
    "state",
    "durationSeconds",
    "createdAt",
    "lyric",
    "prompt",
    "seed",
    "audioPath",
    "imagePath",
    "tags",
  ],
  columns: [
    { title: "id", text: (clip) => clip.id },
    { title: "title", text: (clip) => clip.title ?? "", overflow: "shrink" },
    { title: "tags", text: (clip) => clip.tags.join(", "), overflow: "shrink", ifAny: true },
    { title: "length", text: (clip) => clockTime(clip.durationSeconds), align: "right", overflow: "drop" },
    { title: "created", text: (clip) => shortTime(clip.createdAt), overflow: "drop" },
    { title: "state", text: (clip) => clip.state, overflow: "drop" },
    { title: "action", text: (clip) => clip.action ?? "", overflow: "drop" },
    { title: "model", text: (clip) => clip.model ?? "", overflow: "drop" },
  ],
};

/** ISO 8601 to the minute: `2025-12-30T18:36Z`. */
export function shortTime(time: string | null): string {
  return time === null ? "" : `${time.slice(0, 16)}Z`;
}
