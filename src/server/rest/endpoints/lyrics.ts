import { lyricOf } from "../../../query/lists/song-facts.ts";
import type { Endpoint } from "../endpoint.ts";
import { findSong } from "../find.ts";
import { optional, required } from "../parameters.ts";
import { lyricLines, plainLyric } from "./lyric-lines.ts";

/** The words of songs. */
export const LYRICS: Record<string, Endpoint> = {
  getLyrics: ({ db, library, parameters }) => {
    const [artist, title] = [optional(parameters, "artist") ?? "", optional(parameters, "title") ?? ""];
    const isOurs = artist === "" || sameName(artist, library.artist.name);
    const named = isOurs ? library.songs.filter((song) => sameName(song.title, title)) : [];
    for (const song of named.toReversed()) {
      const lyric = lyricOf(db, song.clipId);
      if (lyric !== null)
        return { lyrics: { artist: library.artist.name, title: song.title, value: plainLyric(lyric) } };
    }
    return { lyrics: {} };
  },
  getLyricsBySongId: ({ db, library, parameters }) => {
    const song = findSong(library, required(parameters, "id"));
    const lyric = lyricOf(db, song.clipId);
    if (lyric === null) return { lyricsList: { structuredLyrics: [] } };
    const { synced, lines } = lyricLines(lyric);
    const about = { displayArtist: library.artist.name, displayTitle: song.title, lang: "und", synced };
    return { lyricsList: { structuredLyrics: [{ ...about, line: lines }] } };
  },
};

function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
