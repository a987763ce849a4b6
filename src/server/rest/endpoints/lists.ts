import type { Fields } from "../answer/xml.ts";
import type { EndpointInput, Endpoint } from "../endpoint.ts";
import { describeAlbum, describeFolder } from "../describe/albums.ts";
import { describeSongs, yearOf } from "../describe/songs.ts";
import { isInFolder } from "../find.ts";
import { genresOf } from "../library/genres.ts";
import type { LibraryAlbum, LibrarySong } from "../library/library.ts";
import { optional, required, wholeNumber } from "../parameters.ts";
import { listAlbums } from "./album-lists.ts";
import { sample } from "./sample.ts";

/** Most rows of one list. */
const MOST = 500;
/** Rows unless asked otherwise. */
const ROWS = 10;

/** Lists of albums and songs. */
export const LISTS: Record<string, Endpoint> = {
  getAlbumList: (asked) => ({
    albumList: { album: albums(asked).map((album) => describeFolder(asked.library, album)) },
  }),
  getAlbumList2: (asked) => ({
    albumList2: { album: albums(asked).map((album) => describeAlbum(asked.library, album)) },
  }),
  getRandomSongs: (asked) => {
    const size = wholeNumber(asked.parameters, "size", ROWS, MOST);
    return { randomSongs: { song: describeSongs(asked, sample(songsToDrawFrom(asked), size)) } };
  },
  getSongsByGenre: (asked) => {
    const { parameters } = asked;
    const genre = required(parameters, "genre");
    const songs = isInFolder(parameters) ? (genresOf(asked).get(genre) ?? []) : [];
    const [count, offset] = [wholeNumber(parameters, "count", ROWS, MOST), wholeNumber(parameters, "offset", 0)];
    return { songsByGenre: { song: describeSongs(asked, songs.slice(offset, offset + count)) } };
  },
  getTopSongs: () => ({ topSongs: { song: [] } }),
  getSimilarSongs: () => ({ similarSongs: { song: [] } }),
  getSimilarSongs2: () => ({ similarSongs2: { song: [] } }),
  getArtistInfo: () => ({ artistInfo: nothing() }),
  getArtistInfo2: () => ({ artistInfo2: nothing() }),
  getAlbumInfo: () => ({ albumInfo: nothing() }),
  getAlbumInfo2: () => ({ albumInfo: nothing() }),
  getNowPlaying: () => ({ nowPlaying: { entry: [] } }),
  getInternetRadioStations: () => ({ internetRadioStations: { internetRadioStation: [] } }),
  // A queue belongs to its player; where none was saved the API answers without one.
  getPlayQueue: () => ({}),
  savePlayQueue: () => ({}),
};

function nothing(): Fields {
  return {};
}

function albums(asked: EndpointInput): LibraryAlbum[] {
  const { parameters } = asked;
  const found = listAlbums(asked, required(parameters, "type"));
  const [size, offset] = [wholeNumber(parameters, "size", ROWS, MOST), wholeNumber(parameters, "offset", 0)];
  return isInFolder(parameters) ? found.slice(offset, offset + size) : [];
}

function songsToDrawFrom(asked: EndpointInput): LibrarySong[] {
  const { library, parameters } = asked;
  if (!isInFolder(parameters)) return [];
  const genre = optional(parameters, "genre");
  const songs = genre ? (genresOf(asked).get(genre) ?? []) : library.songs;
  const [from, to] = [wholeNumber(parameters, "fromYear", 0), wholeNumber(parameters, "toYear", 9999)];
  if (from === 0 && to === 9999) return songs;
  return songs.filter(({ createdAt }) => yearOf(createdAt) >= from && yearOf(createdAt) <= to);
}
