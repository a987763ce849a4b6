import { readPlaylist } from "../../../archive/marks/playlist-rows.ts";
import type { About } from "../../workers/about.ts";
import { currentLibrary } from "../library/current-library.ts";
import type { SongLibrary, LibrarySong } from "../library/library.ts";

/**
 * The clip whose picture is that of an id: a picture's own id, or that of a song, album, artist or playlist, before which players
 * may have put one more `al-`, `ar-` or `pl-`. Null when there is none.
 */
export function pictureOf(about: About, id: string): string | null {
  const library = currentLibrary(about);
  const { db } = about;
  for (let rest = id; ; rest = rest.slice(3)) {
    const found = songWith(library, rest) ?? songOfPlaylist(db, library, rest);
    if (found) return found.clipId;
    if (!/^(al|ar|pl|mf)-/.test(rest)) return null;
  }
}

function songWith(library: SongLibrary, id: string): LibrarySong | undefined {
  const song = library.covers.get(id) ?? library.songsById.get(id);
  if (song) return song;
  const album =
    library.albumsById.get(id) ?? (id === library.artist.id ? library.albums.findLast(hasCover) : undefined);
  return album && library.covers.get(album.coverId ?? "");
}

/** The first of its songs that has one. */
function songOfPlaylist(db: About["db"], { songsById }: SongLibrary, id: string): LibrarySong | undefined {
  const songs = (readPlaylist(db, id)?.entries ?? []).flatMap(({ clipId }) => songsById.get(clipId) ?? []);
  return songs.find(hasCover);
}

function hasCover({ coverId }: { coverId: string | null }): boolean {
  return coverId !== null;
}
