import { promptsOf } from "../../../query/lists/song-facts.ts";
import { genreOfPrompt } from "../describe/songs.ts";
import type { EndpointInput } from "../endpoint.ts";
import type { SongLibrary, LibrarySong } from "./library.ts";

const KNOWN = new WeakMap<SongLibrary, Map<string, LibrarySong[]>>();
const BATCH = 5000;

/** Songs by the genre that their prompts name, genres by name; songs without one are not among them. */
export function genresOf({ db, library }: Pick<EndpointInput, "db" | "library">): Map<string, LibrarySong[]> {
  const known = KNOWN.get(library);
  if (known) return known;
  const found = new Map<string, LibrarySong[]>();
  for (let at = 0; at < library.songs.length; at += BATCH) {
    const songs = library.songs.slice(at, at + BATCH);
    const ids = songs.map(({ clipId }) => clipId);
    const prompts = promptsOf(db, ids);
    for (const song of songs) {
      const genre = genreOfPrompt(prompts.get(song.clipId) ?? null);
      if (genre === null) continue;
      const others = found.get(genre);
      if (others) others.push(song);
      else found.set(genre, [song]);
    }
  }
  const sorted = new Map([...found].toSorted(([one], [other]) => (one < other ? -1 : 1)));
  KNOWN.set(library, sorted);
  return sorted;
}
