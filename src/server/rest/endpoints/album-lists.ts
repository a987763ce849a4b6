import { allMarks, type ClipMarks } from "../../../query/filter/marks.ts";
import type { EndpointInput } from "../endpoint.ts";
import { yearOf } from "../describe/songs.ts";
import { genresOf } from "../library/genres.ts";
import type { LibraryAlbum } from "../library/library.ts";
import { required, requiredNumber } from "../parameters.ts";
import { RestError, shown } from "../rest-error.ts";
import { sample } from "./sample.ts";

/** All albums of a type of list, in its order. Throws RestError for a type that the API does not have. */
export function listAlbums(asked: EndpointInput, type: string): LibraryAlbum[] {
  const list = TYPES[type];
  if (list) return list(asked);
  throw new RestError("generic", `type is "${shown(type)}"; it takes ${Object.keys(TYPES).join(", ")}`);
}

const TYPES: Record<string, (asked: EndpointInput) => LibraryAlbum[]> = {
  random: ({ library }) => sample(library.albums, library.albums.length),
  newest: ({ library }) => library.albums.toSorted((one, other) => other.newestAt - one.newestAt),
  frequent: (asked) => ranked(asked, ({ plays }) => plays, sum),
  recent: (asked) => ranked(asked, ({ lastPlayedAt }) => lastPlayedAt ?? 0, latest),
  highest: (asked) => ranked(asked, ({ rating }) => rating, mean),
  starred: (asked) => ranked(asked, ({ starredAt }) => starredAt ?? 0, latest),
  alphabeticalByName: ({ library }) => library.albums,
  // There is one artist.
  alphabeticalByArtist: ({ library }) => library.albums,
  byYear: ({ library, parameters }) => {
    const [from, to] = [requiredNumber(parameters, "fromYear"), requiredNumber(parameters, "toYear")];
    const [first, last] = [Math.min(from, to), Math.max(from, to)];
    const found = library.albums.filter(({ createdAt }) => yearOf(createdAt) >= first && yearOf(createdAt) <= last);
    const order = from <= to ? 1 : -1;
    return found.toSorted((one, other) => order * (one.createdAt - other.createdAt));
  },
  byGenre: (asked) => {
    const songs = genresOf(asked).get(required(asked.parameters, "genre")) ?? [];
    const found = new Set(songs.map(({ album }) => album));
    return asked.library.albums.filter((album) => found.has(album));
  },
};

/** Albums by what the marks of their songs come to, the highest first; those without such a mark are not among them. */
function ranked(
  { db, library }: EndpointInput,
  valueOf: (marks: ClipMarks) => number,
  together: (values: number[]) => number,
): LibraryAlbum[] {
  const values = new Map<LibraryAlbum, number[]>();
  for (const { id, ...marks } of allMarks(db)) {
    const album = library.songsById.get(id)?.album;
    const value = valueOf(marks);
    if (!album || value <= 0) continue;
    const others = values.get(album);
    if (others) others.push(value);
    else values.set(album, [value]);
  }
  const found = [...values].map(([album, all]) => ({ album, rank: together(all) }));
  return found.toSorted((one, other) => other.rank - one.rank).map(({ album }) => album);
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: number[]): number {
  return sum(values) / values.length;
}

function latest(values: number[]): number {
  return values.reduce((time, value) => Math.max(time, value), 0);
}
