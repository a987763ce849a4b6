import type { ClipListing } from "../../query/lists/clips.ts";
import type { Stack } from "../../query/lists/stacks.ts";
import type { Column } from "../output/table.ts";
import { clockTime } from "../../lib/time/durations.ts";
import { stateWord } from "./state-word.ts";
import type { Listing } from "../output/rows.ts";

/** All fields of a clip, in the order of CSV. */
export const CLIP_FIELDS = [
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
  "starred",
  "rating",
  "plays",
];

const TITLE: Column<ClipListing> = { title: "title", text: (clip) => clip.title ?? "", overflow: "shrink" };

/** `★` for a star, then the rating. */
const MARKS: Column<ClipListing> = {
  title: "marks",
  text: ({ starred, rating }) => [...(starred ? ["★"] : []), ...(rating > 0 ? [`${rating}/5`] : [])].join(" "),
  overflow: "drop",
  ifAny: true,
};

const TAKES: Column<{ stack?: Stack }> = {
  title: "takes",
  text: ({ stack }) => String(stack?.size ?? 1),
  align: "right",
};

/** What tells songs apart: title, tags, length. */
export const SONG_COLUMNS: Column<ClipListing>[] = [
  TITLE,
  { title: "tags", text: (clip) => clip.tags.join(", "), overflow: "shrink", ifAny: true },
  { title: "length", text: (clip) => clockTime(clip.durationSeconds), align: "right", overflow: "drop" },
];

/** Columns that a title keeps in 80, beside length, day, state and the beginning of the id. */
const TITLE_LEAST = 36;

/** How clips look in a table: the title is what people look for. `shortId`: enough of an id for `show`. */
export function clipListing(
  shortId: (id: string) => string,
  { stacked = false }: { stacked?: boolean } = {},
): Listing<ClipListing & { stack?: Stack }> {
  return {
    fields: stacked ? [...CLIP_FIELDS, "stack"] : CLIP_FIELDS,
    columns: [
      { ...TITLE, least: TITLE_LEAST },
      ...(stacked ? [TAKES] : []),
      MARKS,
      ...SONG_COLUMNS.slice(1),
      {
        title: "created",
        text: (clip) => shortTime(clip.createdAt),
        short: (clip) => clip.createdAt?.slice(0, 10) ?? "",
        overflow: "drop",
      },
      { title: "state", text: (clip) => stateWord(clip.state), overflow: "drop" },
      { title: "action", text: (clip) => clip.action ?? "", overflow: "drop" },
      { title: "model", text: (clip) => clip.model ?? "", overflow: "drop" },
      { title: "id", text: (clip) => clip.id, short: (clip) => shortId(clip.id) },
    ],
  };
}

/** ISO 8601 to the minute: `2025-12-30T18:36Z`. */
export function shortTime(time: string | null): string {
  return time === null ? "" : `${time.slice(0, 16)}Z`;
}
