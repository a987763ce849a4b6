import { pathToFileURL } from "node:url";
import * as z from "zod";
import type { Reader } from "../app/archive.ts";
import { UsageError } from "../lib/errors.ts";
import { safeText } from "../lib/text/terminal-safe.ts";
import { playlistsWith } from "../query/playlists/playlists.ts";
import { show, type ShownClip, type ShownFile } from "../query/explain/show.ts";
import { MOST_ROWS } from "./answer/page.ts";
import { DATA_NOTE, plainTexts } from "./answer/texts.ts";
import { cutText } from "./answer/tokens.ts";

/** Tokens of a lyric, and of each other text of one song. */
const LYRIC = 5000;
const TEXT = 300;

const relative = z.object({
  id: z.string(),
  title: z.string().nullable(),
  action: z.string().nullable(),
  role: z.string(),
});

/** One song, whole. */
export const WHOLE_SONG = z.object({
  note: z.string(),
  id: z.string(),
  title: z.string().nullable(),
  state: z.string(),
  removed: z.boolean().describe("removed by the person: its files are gone or in the trash"),
  model: z.string().nullable(),
  action: z.string().nullable(),
  durationSeconds: z.number().nullable(),
  createdAt: z.string().nullable(),
  seed: z.string().nullable(),
  tags: z.array(z.string()),
  starred: z.boolean(),
  rating: z.number().describe("1 to 5 by the person, 0 for none"),
  plays: z.number(),
  lastPlayedAt: z.string().nullable(),
  playlists: z.array(z.string()).describe("names of the person's playlists that hold it"),
  prompt: z.string().nullable(),
  style: z.string().nullable(),
  sound: z.string().nullable(),
  topic: z.string().nullable(),
  lyric: z.string().nullable(),
  lyricCharacters: z.number().describe("of the whole lyric; more than `lyric` has where that was cut"),
  lyricCut: z.boolean(),
  files: z.array(
    z.object({ kind: z.string(), state: z.string(), bytes: z.number().nullable(), path: z.string().nullable() }),
  ),
  cover: z.string().nullable().describe("a link to the stored cover"),
  madeFrom: z.array(relative),
  madeInto: z.array(relative),
  madeIntoTotal: z.number(),
});
export type WholeSong = z.output<typeof WHOLE_SONG>;

/** The song with an id, or with the only id that begins so. Throws UsageError for the id of a task too, naming its songs. */
export function readSong({ db, assetsRoot }: Reader, id: string): WholeSong {
  const found = show(db, id, assetsRoot);
  if (!isClip(found)) {
    const songs = found.clips.slice(0, MOST_ROWS).map((clip) => clip.id);
    throw new UsageError(
      `this is the id of a task, which has ${songs.length > 0 ? `the songs ${songs.join(", ")}` : "no song"}`,
    );
  }
  const lyric = text(found["lyric"]);
  const shown = lyric === null ? null : cutText(safeText(lyric), LYRIC);
  const fields = plainTexts(
    {
      id: found.id,
      title: text(found["title"]),
      state: text(found["state"]) ?? "",
      removed: found["removedAt"] !== null,
      model: text(found["model"]),
      action: text(found["action"]),
      durationSeconds: found["durationSeconds"] as number | null,
      createdAt: text(found["createdAt"]),
      seed: text(found["seed"]),
      tags: found.tags.slice(0, MOST_ROWS),
      starred: found.starred,
      rating: found.rating,
      plays: found.plays,
      lastPlayedAt: found.lastPlayedAt,
      playlists: playlistsWith(db, found.id).slice(0, MOST_ROWS),
      prompt: text(found["prompt"]),
      style: text(found["style"]),
      sound: text(found["sound"]),
      topic: text(found["topic"]),
    },
    TEXT,
  );
  return {
    note: DATA_NOTE,
    ...fields,
    lyric: shown,
    lyricCharacters: lyric?.length ?? 0,
    lyricCut: lyric !== null && shown !== safeText(lyric),
    files: found.files.map(({ kind, state, bytes, path }) => ({ kind, state, bytes, path })),
    cover: coverOf(found.files),
    madeFrom: plainTexts(found.madeFrom.slice(0, MOST_ROWS)),
    madeInto: plainTexts(found.madeInto.slice(0, MOST_ROWS)),
    madeIntoTotal: found.madeInto.length,
  };
}

/** Where clients read the song as a resource. */
export function songUri(id: string): string {
  return `producer-mirror://song/${encodeURIComponent(id)}`;
}

function isClip(found: ReturnType<typeof show>): found is ShownClip {
  return found.kind === "clip";
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function coverOf(files: ShownFile[]): string | null {
  const path = files.find(({ kind, state, removedAt }) => kind === "image" && state === "stored" && !removedAt)?.path;
  return path ? pathToFileURL(path).href : null;
}
