import { tokensOf } from "../../../lib/text/search-text.ts";
import { idsOfHits } from "../../../query/search/search.ts";
import type { EndpointInput, Endpoint } from "../endpoint.ts";
import { describeAlbum, describeArtist, describeFolder } from "../describe/albums.ts";
import { describeSongs } from "../describe/songs.ts";
import { isInFolder } from "../find.ts";
import type { LibrarySong } from "../library/library.ts";
import { optional, wholeNumber, type Parameters } from "../parameters.ts";
import { RestError } from "../rest-error.ts";

/** Rows of each kind unless asked otherwise, and at most. */
const ROWS = 20;
const MOST = 5000;

/** Search in the whole library; an empty query finds all of it. */
export const SEARCH: Record<string, Endpoint> = {
  search2: (asked) => {
    const { artist, albums, songs } = search(asked);
    const folders = albums.map((album) => describeFolder(asked.library, album));
    return { searchResult2: { artist: artist ? [asked.library.artist] : [], album: folders, song: songs } };
  },
  search3: (asked) => {
    const { artist, albums, songs } = search(asked);
    const found = albums.map((album) => describeAlbum(asked.library, album));
    return { searchResult3: { artist: artist ? [describeArtist(asked.library)] : [], album: found, song: songs } };
  },
};

function search(asked: EndpointInput) {
  const { library, parameters } = asked;
  const query = readQuery(parameters);
  const isHere = isInFolder(parameters);
  const matches = matcher(query);
  const isArtist = isHere && library.songs.length > 0 && matches(library.artist.name);
  const albums = isHere ? library.albums.filter(({ name }) => matches(name)) : [];
  return {
    artist: page(isArtist ? [true] : [], parameters, "artist").length > 0,
    albums: page(albums, parameters, "album"),
    songs: describeSongs(asked, isHere ? songs(asked, query) : []),
  };
}

/** What is looked for; "" for everything, which some send as two quote marks or a star. */
function readQuery(parameters: Parameters): string {
  const query = optional(parameters, "query");
  if (query === undefined) throw new RestError("missing", 'required parameter "query" is missing');
  return /^[\s"'*]*$/.test(query) ? "" : query;
}

function songs(asked: EndpointInput, query: string): LibrarySong[] {
  const { db, library, parameters } = asked;
  if (query === "") return page(library.songs, parameters, "song");
  const { count, offset } = readPage(parameters, "song");
  const found = count === 0 ? [] : idsOfHits(db, asTyped(query), { has: ["audio"] }, offset + count);
  return found.slice(offset).flatMap((clipId) => library.songsById.get(clipId) ?? []);
}

/** Players search while a word is still being typed: the last one is a beginning, unless the query has signs of its own. */
function asTyped(query: string): string {
  return /["*():]|\b(OR|AND|NOT)\b|[^\p{L}\p{N}]$/u.test(query) ? query : `${query}*`;
}

/** Whether each word of the query is the beginning of a word of the text. */
function matcher(query: string): (text: string) => boolean {
  const wanted = tokensOf(query);
  return (text) => {
    if (query === "") return true;
    const words = tokensOf(text);
    return wanted.length > 0 && wanted.every((token) => words.some((word) => word.startsWith(token)));
  };
}

function page<One>(all: One[], parameters: Parameters, kind: string): One[] {
  const { count, offset } = readPage(parameters, kind);
  return all.slice(offset, offset + count);
}

function readPage(parameters: Parameters, kind: string): { count: number; offset: number } {
  return {
    count: wholeNumber(parameters, `${kind}Count`, ROWS, MOST),
    offset: wholeNumber(parameters, `${kind}Offset`, 0),
  };
}
