import type { EndpointInput, Endpoint } from "../endpoint.ts";
import { describeFolder } from "../describe/albums.ts";
import { describeSongs } from "../describe/songs.ts";
import { checkArtist, findAlbum } from "../find.ts";
import { FOLDER } from "../library/library.ts";
import { required, wholeNumber } from "../parameters.ts";
import { index } from "./browse.ts";

/** The same library as folders: the artist, in it the albums, in them the songs. */
export const FOLDERS: Record<string, Endpoint> = {
  getIndexes: (asked) => {
    const { library, parameters } = asked;
    const isKnown = wholeNumber(parameters, "ifModifiedSince", -1, Number.MAX_SAFE_INTEGER) >= library.readAt;
    const found = isKnown ? [] : index(asked, library.artist);
    return { indexes: { lastModified: library.readAt, ignoredArticles: "", index: found } };
  },
  getMusicDirectory: (asked) => ({ directory: directory(asked, required(asked.parameters, "id")) }),
};

function directory(asked: EndpointInput, id: string) {
  const { library } = asked;
  const { artist } = library;
  if (id === String(FOLDER.id)) {
    const found = library.songs.length === 0 ? [] : [{ id: artist.id, isDir: true, title: artist.name }];
    return { id, name: FOLDER.name, child: found };
  }
  if (!library.albumsById.has(id)) {
    checkArtist(library, id);
    return { id, name: artist.name, child: library.albums.map((album) => describeFolder(library, album)) };
  }
  const album = findAlbum(library, id);
  return { id, parent: artist.id, name: album.name, child: describeSongs(asked, album.songs) };
}
