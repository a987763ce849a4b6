import { genreOf } from "../../../export/songs/plan/genre.ts";
import { defaultPath } from "../../../export/songs/plan/name-songs.ts";
import { songKey, withoutKeys } from "../../../export/songs/plan/texts.ts";
import { isoTime } from "../../../lib/time/dates.ts";
import { marksOf, type ClipMarks } from "../../../query/filter/marks.ts";
import { promptsOf } from "../../../query/lists/song-facts.ts";
import { contentTypeOf } from "../../media/file-headers.ts";
import type { Fields } from "../answer/xml.ts";
import type { EndpointInput } from "../endpoint.ts";
import type { LibrarySong } from "../library/library.ts";

/** Songs as the API describes them (`Child`), in the order given. */
export function describeSongs({ db, library }: Pick<EndpointInput, "db" | "library">, songs: LibrarySong[]): Fields[] {
  const ids = songs.map(({ clipId }) => clipId);
  const prompts = promptsOf(db, ids);
  const marks = marksOf(db, ids);
  return songs.map((song) => ({
    ...describeFile(song),
    ...describeMarks(marks(song.clipId)),
    genre: genreOfPrompt(prompts.get(song.clipId) ?? null),
    artist: library.artist.name,
    artistId: library.artist.id,
  }));
}

/** The genre that an export writes into the song. */
export function genreOfPrompt(prompt: string | null): string | null {
  return prompt === null ? null : genreOf(withoutKeys(prompt));
}

function describeMarks({ starredAt, rating, plays, lastPlayedAt }: ClipMarks): Fields {
  return {
    starred: isoTime(starredAt),
    userRating: rating > 0 ? rating : null,
    playCount: plays > 0 ? plays : null,
    played: isoTime(lastPlayedAt),
  };
}

function describeFile(song: LibrarySong): Fields {
  const { id, clipId, title, album, track, createdAt, bytes, suffix, coverId } = song;
  const path = `${defaultPath({ clipId, key: songKey(`clip ${clipId}`), title, createdAt })}.${suffix}`;
  const seconds = song.seconds !== null && song.seconds > 0 ? song.seconds : null;
  return {
    id,
    parent: album.id,
    isDir: false,
    title,
    album: album.name,
    albumId: album.id,
    track,
    discNumber: 1,
    year: yearOf(createdAt),
    coverArt: coverId,
    size: bytes,
    contentType: contentTypeOf(path),
    suffix,
    duration: seconds && Math.round(seconds),
    bitRate: seconds && bitRateOf(song),
    path,
    isVideo: false,
    created: isoTime(createdAt),
    type: "music",
    mediaType: "song",
  };
}

/** Kilobits a second, on average; 0 when the length is not known. */
export function bitRateOf({ bytes, seconds }: Pick<LibrarySong, "bytes" | "seconds">): number {
  return seconds !== null && seconds > 0 ? Math.round((bytes * 8) / seconds / 1000) : 0;
}

/** In UTC, as albums have it. */
export function yearOf(time: number): number {
  return new Date(time).getUTCFullYear();
}
