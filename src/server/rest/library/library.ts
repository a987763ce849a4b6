import { readLibrary } from "../../../export/songs/library.ts";
import { extensionOf } from "../../../export/songs/plan/planned-file.ts";
import type { Named } from "../../../export/songs/plan/name-songs.ts";
import { songKey } from "../../../export/songs/plan/texts.ts";
import { ARTIST, type Song } from "../../../export/songs/song.ts";
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
  path: string;
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
  songsById: Map<string, LibrarySong>;
  songsByClip: Map<string, LibrarySong>;
  albumsById: Map<string, LibraryAlbum>;
  /** A song that has the picture. */
  covers: Map<string, LibrarySong>;
  /** When it was read, in milliseconds UTC: it has not changed since. */
  readAt: number;
};

/** The one folder that there is. */
export const FOLDER = { id: 1, name: "Songs" };

/** Reads the library; takes seconds for a very large one. */
export function makeLibrary(db: About["db"]): SongLibrary {
  const albums = new Map<string, LibraryAlbum>();
  const library: SongLibrary = {
    artist: { id: `ar-${songKey(`artist ${ARTIST}`)}`, name: ARTIST },
    songs: [],
    albums: [],
    songsById: new Map(),
    songsByClip: new Map(),
    albumsById: new Map(),
    covers: new Map(),
    readAt: Date.now(),
  };
  for (const named of readLibrary(db)) {
    const album = albums.get(named.track.album) ?? emptyAlbum(named);
    albums.set(album.name, album);
    const song = toSong(named, album);
    album.songs.push(song);
    album.seconds += song.seconds ?? 0;
    album.newestAt = song.createdAt;
    library.songs.push(song);
    library.songsById.set(song.id, song);
    library.songsByClip.set(song.clipId, song);
    if (song.coverId !== null && !library.covers.has(song.coverId)) library.covers.set(song.coverId, song);
  }
  for (const album of albums.values()) finish(album, library);
  library.albums.sort((one, other) => (one.name < other.name ? -1 : 1));
  return library;
}

function emptyAlbum({ song, track: { album: name } }: Named<Song>): LibraryAlbum {
  const { createdAt } = song;
  const id = `al-${songKey(`album ${name}`)}`;
  return { id, name, songs: [], seconds: 0, coverId: null, createdAt, newestAt: createdAt };
}

function toSong({ song, track, path }: Named<Song>, album: LibraryAlbum): LibrarySong {
  const { clipId, title, createdAt, durationSeconds, audio, image } = song;
  const suffix = extensionOf(audio);
  return {
    // An id that is a task's own works like a key, and ends as some players do not expect it.
    id: /^[0-9a-f-]{36}$/.test(clipId) ? clipId : songKey(`clip ${clipId}`),
    clipId,
    title,
    album,
    track: track.track,
    createdAt,
    seconds: durationSeconds,
    bytes: audio.bytes,
    suffix,
    path: `${path}.${suffix}`,
    coverId: image && `co-${image.sha256.slice(0, 20)}`,
  };
}

function finish(album: LibraryAlbum, library: SongLibrary): void {
  album.songs.sort((one, other) => one.track - other.track);
  album.coverId = album.songs.find(({ coverId }) => coverId !== null)?.coverId ?? null;
  library.albums.push(album);
  library.albumsById.set(album.id, album);
}
