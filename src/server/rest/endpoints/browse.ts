import { describeAlbum, describeArtist } from "../describe/albums.ts";
import { describeSongs } from "../describe/songs.ts";
import type { EndpointInput, Endpoint } from "../endpoint.ts";
import { checkArtist, findAlbum, findSong, isInFolder } from "../find.ts";
import { genresOf } from "../library/genres.ts";
import { FOLDER } from "../library/library.ts";
import { required } from "../parameters.ts";

/** The library by artist, album and song. */
export const BROWSE: Record<string, Endpoint> = {
  getMusicFolders: () => ({ musicFolders: { musicFolder: [FOLDER] } }),
  getArtists: (asked) => ({ artists: { ignoredArticles: "", index: index(asked, describeArtist(asked.library)) } }),
  getArtist: ({ library, parameters }) => {
    checkArtist(library, required(parameters, "id"));
    const albums = library.albums.map((album) => describeAlbum(library, album));
    return { artist: { ...describeArtist(library), album: albums } };
  },
  getAlbum: (asked) => {
    const album = findAlbum(asked.library, required(asked.parameters, "id"));
    return { album: { ...describeAlbum(asked.library, album), song: describeSongs(asked, album.songs) } };
  },
  getSong: (asked) => {
    const song = findSong(asked.library, required(asked.parameters, "id"));
    return { song: describeSongs(asked, [song])[0] };
  },
  getGenres: (asked) => ({
    genres: {
      genre: [...genresOf(asked)].map(([value, songs]) => ({
        songCount: songs.length,
        albumCount: new Set(songs.map(({ album }) => album)).size,
        value,
      })),
    },
  }),
};

/** Artists under their first letter; none for a folder or library without songs. */
export function index({ library, parameters }: EndpointInput, artist: EndpointInput["library"]["artist"] | object) {
  if (library.songs.length === 0 || !isInFolder(parameters)) return [];
  return [{ name: library.artist.name.slice(0, 1).toUpperCase(), artist: [{ ...artist }] }];
}
