import crypto from "node:crypto";
import type { AnyClip, Song } from "../../../src/export/songs/song.ts";

export const BORN = Date.UTC(2025, 11, 30, 18, 36);

/** A song as the archive would give it; each number another one. */
export function song(number: number, values: Partial<Song> = {}): Song {
  const clipId =
    values.clipId ??
    `${crypto.createHash("md5").update(String(number)).digest("hex").slice(0, 8)}-0000-4000-8000-000000000000`;
  const file = (ending: string) => ({
    path: `ab/${number}.${ending}`,
    bytes: number,
    sha256: crypto.createHash("sha256").update(`${number}${ending}`).digest("hex"),
  });
  return {
    clipId,
    key: crypto.createHash("md5").update(clipId).digest("hex").slice(0, 16),
    title: `Song ${number}`,
    model: "FUZZ-2.0",
    action: "generate",
    createdAt: BORN + number,
    durationSeconds: 100,
    lyric: "la",
    prompt: null,
    seed: String(number),
    audio: file("m4a"),
    image: file("jpg"),
    ...values,
  };
}

/** The same songs as all that the archive has. */
export function clipsOf(songs: Song[], parents: Record<string, string> = {}): AnyClip[] {
  const clips = songs.map(({ clipId: id, title, createdAt }) => ({
    id,
    title,
    createdAt,
    parentId: parents[id] ?? null,
  }));
  return clips.toSorted((one, other) => one.createdAt - other.createdAt);
}
