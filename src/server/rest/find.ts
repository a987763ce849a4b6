import { optional } from "./parameters.ts";
import { FOLDER, type SongLibrary, type LibraryAlbum, type LibrarySong } from "./library/library.ts";
import { RestError } from "./rest-error.ts";
import type { Parameters } from "./parameters.ts";

/** Throws RestError. */
export function findSong({ songsById }: SongLibrary, id: string): LibrarySong {
  const song = songsById.get(id);
  if (song) return song;
  throw new RestError("notFound", "there is no song with this id");
}

/** Throws RestError. */
export function findAlbum({ albumsById }: SongLibrary, id: string): LibraryAlbum {
  const album = albumsById.get(id);
  if (album) return album;
  throw new RestError("notFound", "there is no album with this id");
}

/** Throws RestError for another id than that of the artist. */
export function checkArtist({ artist }: SongLibrary, id: string): void {
  if (id !== artist.id) throw new RestError("notFound", "there is no artist with this id");
}

/** Whether a request asks for what is in the one folder; nothing is in another. */
export function isInFolder(parameters: Parameters): boolean {
  const asked = optional(parameters, "musicFolderId");
  return asked === undefined || asked === "" || asked === String(FOLDER.id);
}
