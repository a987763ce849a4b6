import { changeMarks, countPlay } from "../../../archive/marks/marks.ts";
import type { EndpointInput, Endpoint } from "../endpoint.ts";
import { announceMarks } from "../../marks/mark-events.ts";
import { describeSongs } from "../describe/songs.ts";
import { findSong, isInFolder } from "../find.ts";
import type { LibrarySong } from "../library/library.ts";
import { starredIds } from "../../../query/filter/marks.ts";
import { flag, requiredNumber, required, wholeNumber } from "../parameters.ts";
import { RestError } from "../rest-error.ts";

/** What a person thinks of songs: a change is in the archive's journal before it is answered. */
export const MARKS: Record<string, Endpoint> = {
  star: (asked) => mark(asked, songsToStar(asked), { starred: true }),
  unstar: (asked) => mark(asked, songsToStar(asked), { starred: false }),
  setRating: (asked) => {
    const song = songToMark(asked, required(asked.parameters, "id"));
    const rating = requiredNumber(asked.parameters, "rating");
    if (rating > 5) throw new RestError("generic", "rating takes 0 to 5");
    return mark(asked, [song], { rating });
  },
  scrobble: (asked) => {
    const { parameters } = asked;
    required(parameters, "id");
    const songs = (parameters["id"] ?? []).map((id) => findSong(asked.library, id));
    const now = Date.now();
    const times = (parameters["time"] ?? []).map((time) => wholeNumber({ time: [time] }, "time", now, now));
    // Otherwise it has only begun.
    if (!flag(parameters, "submission", true)) return {};
    const counted = asked.change((archive) =>
      songs.filter(({ clipId }, at) => countPlay(archive, clipId, times[at], now)),
    );
    announceMarks(asked, [...new Set(counted.map(({ clipId }) => clipId))]);
    return {};
  },
  getStarred: (asked) => ({ starred: starred(asked) }),
  getStarred2: (asked) => ({ starred2: starred(asked) }),
};

function mark(asked: EndpointInput, songs: LibrarySong[], change: { starred: boolean } | { rating: number }) {
  const ids = songs.map(({ clipId }) => clipId);
  if (asked.change((archive) => changeMarks(archive, ids, change, Date.now())) > 0) announceMarks(asked, ids);
  return {};
}

function songsToStar(asked: EndpointInput): LibrarySong[] {
  const { parameters } = asked;
  if (parameters["albumId"] || parameters["artistId"]) throw onlySongs();
  required(parameters, "id");
  return (parameters["id"] ?? []).map((id) => songToMark(asked, id));
}

/** Stars and ratings belong to songs: that of an album would have to be one of each of its songs. */
function songToMark({ library }: EndpointInput, id: string): LibrarySong {
  if (library.albumsById.has(id) || id === library.artist.id) throw onlySongs();
  return findSong(library, id);
}

function onlySongs(): RestError {
  return new RestError("generic", "only songs have stars and ratings here, no albums and artists");
}

/** The song that was starred last comes first. */
function starred(asked: EndpointInput) {
  const ids = isInFolder(asked.parameters) ? starredIds(asked.db) : [];
  const songs = ids.flatMap((id) => asked.library.songsById.get(id) ?? []);
  return { artist: [], album: [], song: describeSongs(asked, songs) };
}
