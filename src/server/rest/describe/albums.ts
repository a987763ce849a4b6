import { isoTime } from "../../../lib/time/dates.ts";
import type { Fields } from "../answer/xml.ts";
import type { SongLibrary, LibraryAlbum } from "../library/library.ts";
import { yearOf } from "./songs.ts";

/** An album by its tags (`AlbumID3`). */
export function describeAlbum({ artist }: SongLibrary, album: LibraryAlbum): Fields {
  const { id, name, songs, seconds, coverId, createdAt } = album;
  return {
    id,
    name,
    artist: artist.name,
    artistId: artist.id,
    coverArt: coverId,
    songCount: songs.length,
    duration: Math.round(seconds),
    created: isoTime(createdAt),
    year: yearOf(createdAt),
  };
}

/** An album as a folder (`Child` with `isDir`). */
export function describeFolder({ artist }: SongLibrary, album: LibraryAlbum): Fields {
  const { id, name, coverId, createdAt } = album;
  return {
    id,
    parent: artist.id,
    isDir: true,
    title: name,
    album: name,
    artist: artist.name,
    artistId: artist.id,
    year: yearOf(createdAt),
    coverArt: coverId,
    created: isoTime(createdAt),
  };
}

/** An artist by tags (`ArtistID3`). */
export function describeArtist({ artist, albums }: SongLibrary): Fields {
  return { ...artist, coverArt: artistCover(albums), albumCount: albums.length };
}

/** The newest that there is. */
function artistCover(albums: LibraryAlbum[]): string | null {
  return albums.findLast(({ coverId }) => coverId !== null)?.coverId ?? null;
}
