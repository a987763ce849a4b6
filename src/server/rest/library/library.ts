import { readLibrary, type LibraryRow } from "../../../export/songs/library.ts";
import { songKey } from "../../../export/songs/plan/texts.ts";
import { ARTIST } from "../../../export/songs/song.ts";
import type { About } from "../../workers/about.ts";

/** A song as players know it; its texts and marks are read when they are asked for. */
export type LibrarySong = {
  /** What players call it: the clip's id, or what is made of one that is a task's own. */
  id: string;
  clipId: string;
  title: string;
  album: LibraryAlbum;
  track: number;
  createdAt: number;
  seconds: number | null;
  bytes: number;
  suffix: string;
  /** Of its picture, the same for equal pictures. */
  coverId: string | null;
};

export type LibraryAlbum = {
  id: string;
  name: string;
  /** By track. */
  songs: LibrarySong[];
  seconds: number;
  coverId: string | null;
  /** When its oldest and its newest song were made. */
  createdAt: number;
  newestAt: number;
};

/** All songs with stored audio, as `export songs` has them. */
export type SongLibrary = {
  artist: { id: string; name: string };
  /** Oldest first: what is added comes at the end. */
  songs: LibrarySong[];
  /** By name. */
  albums: LibraryAlbum[];
  /** By what players call them, and by their clips. */
  songsById: Map<string, LibrarySong>;
  albumsById: Map<string, LibraryAlbum>;
  /** A song that has the picture. */
  covers: Map<string, LibrarySong>;
  /** When it was read, in milliseconds UTC: it has not changed since. */
  readAt: number;
};

/** The one folder that there is. */
export const FOLDER = { id: 1, name: "Songs" };

/** Reads the library; takes a second and 50 MB for 100,000 songs. */
export function makeLibrary(db: About["db"]): SongLibrary {
  const albums = new Map<string, LibraryAlbum>();
  const library: SongLibrary = {
    artist: { id: `ar-${songKey(`artist ${ARTIST}`)}`, name: ARTIST },
    songs: [],
    albums: [],
    songsById: new Map(),
    albumsById: new Map(),
    covers: new Map(),
    readAt: Date.now(),
  };
  for (const row of readLibrary(db)) {
    const album = albums.get(row.album) ?? emptyAlbum(row);
    albums.set(album.name, album);
    const song = toSong(row, album);
    album.songs.push(song);
    album.seconds += song.seconds ?? 0;
    album.newestAt = song.createdAt;
    library.songs.push(song);
    library.songsById.set(song.id, song).set(song.clipId, song);
    if (song.coverId !== null && !library.covers.has(song.coverId)) library.covers.set(song.coverId, song);
  }
  for (const album of albums.values()) finish(album, library);
  library.albums.sort((one, other) => (one.name < other.name ? -1 : 1));
  return library;
}

function emptyAlbum({ album: name, createdAt }: LibraryRow): LibraryAlbum {
  const id = `al-${songKey(`album ${name}`)}`;
  return { id, name, songs: [], seconds: 0, coverId: null, createdAt, newestAt: createdAt };
}

function toSong({ imageSha256, album: _name, ...row }: LibraryRow, album: LibraryAlbum): LibrarySong {
  const { clipId } = row;
  return {
    // An id that is a task's own works like a key, and ends as some players do not expect it.
    id: /^[0-9a-f-]{36}$/.test(clipId) ? clipId : songKey(`clip ${clipId}`),
    ...row,
    album,
    coverId: imageSha256 && `co-${imageSha256.slice(0, 20)}`,
  };
}

function finish(album: LibraryAlbum, library: SongLibrary): void {
  album.songs.sort((one, other) => one.track - other.track);
  album.coverId = album.songs.find(({ coverId }) => coverId !== null)?.coverId ?? null;
  library.albums.push(album);
  library.albumsById.set(album.id, album);
}
