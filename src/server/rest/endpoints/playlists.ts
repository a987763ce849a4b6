import { createPlaylist, editPlaylist, type PlaylistEdit } from "../../../archive/marks/playlists.ts";
import { readPlaylist, type PlaylistState } from "../../../archive/marks/playlist-rows.ts";
import { listPlaylists } from "../../../query/playlists/playlists.ts";
import { isoTime } from "../../../lib/time/dates.ts";
import type { Fields } from "../answer/xml.ts";
import type { EndpointInput, Endpoint } from "../endpoint.ts";
import { announcePlaylist } from "../../marks/mark-events.ts";
import { describeSongs } from "../describe/songs.ts";
import { findSong } from "../find.ts";
import type { LibrarySong } from "../library/library.ts";
import { optional, required, wholeNumber, type Parameters } from "../parameters.ts";
import { RestError } from "../rest-error.ts";

/** A song of a playlist, and its position among all entries. Songs that are not in the library now are not shown. */
type Shown = { position: number; song: LibrarySong };

type ListedPlaylist = PlaylistState & { id: string };

/** Playlists: a change is in the archive's journal before it is answered. */
export const PLAYLISTS: Record<string, Endpoint> = {
  getPlaylists: (asked) => {
    const found = listPlaylists(asked.db).flatMap(({ id }) => {
      const playlist = readPlaylist(asked.db, id);
      return playlist ? [{ id, ...playlist }] : [];
    });
    const all = found.map((playlist) => describe(asked, playlist, shown(asked, playlist)));
    return { playlists: { playlist: all } };
  },
  getPlaylist: (asked) => whole(asked, required(asked.parameters, "id")),
  createPlaylist: (asked) => {
    const { parameters } = asked;
    const clipIds = songIds(asked, "songId");
    const [id, name] = [optional(parameters, "playlistId"), optional(parameters, "name")];
    if (id) return replace(asked, id, name, clipIds);
    const wanted = { name: name ?? required(parameters, "name"), clipIds };
    const made = asked.change((archive) => createPlaylist(archive, wanted, Date.now()));
    announcePlaylist(asked, made);
    return whole(asked, made);
  },
  updatePlaylist: (asked) => {
    const playlist = find(asked, required(asked.parameters, "playlistId"));
    const songs = shown(asked, playlist);
    const indexes = (asked.parameters["songIndexToRemove"] ?? []).map((text) => index(text, songs.length));
    const entries = indexes.flatMap((at) => {
      const one = songs[at];
      return one ? [{ position: one.position, clipId: one.song.clipId }] : [];
    });
    const clipIds = songIds(asked, "songIdToAdd");
    const edits: PlaylistEdit[] = [...describing(asked.parameters)];
    if (entries.length > 0) edits.push({ do: "remove", entries });
    if (clipIds.length > 0) edits.push({ do: "add", clipIds, position: null });
    edit(asked, playlist.id, edits);
    return {};
  },
  deletePlaylist: (asked) => {
    const { id } = find(asked, required(asked.parameters, "id"));
    edit(asked, id, [{ do: "delete" }]);
    return {};
  },
};

/** Songs that the player was not shown stay, at the end: it cannot have meant to take them away. */
function replace(asked: EndpointInput, id: string, name: string | undefined, clipIds: string[]): Fields {
  const { entries } = find(asked, id);
  const hidden = entries.filter(({ clipId }) => !asked.library.songsById.has(clipId)).map(({ clipId }) => clipId);
  const edits: PlaylistEdit[] = [{ do: "replace", clipIds: [...clipIds, ...hidden] }];
  if (name) edits.push({ do: "describe", name });
  edit(asked, id, edits);
  return whole(asked, id);
}

function edit(asked: EndpointInput, id: string, edits: PlaylistEdit[]): void {
  if (asked.change((archive) => editPlaylist(archive, id, edits, Date.now()))) announcePlaylist(asked, id);
}

function whole(asked: EndpointInput, id: string): Fields {
  const playlist = find(asked, id);
  const songs = shown(asked, playlist);
  const entry = describeSongs(
    asked,
    songs.map(({ song }) => song),
  );
  return { playlist: { ...describe(asked, playlist, songs), entry } };
}

function describe(
  { user }: EndpointInput,
  { id, name, comment, createdAt, changedAt }: ListedPlaylist,
  songs: Shown[],
): Fields {
  return {
    id,
    name,
    comment,
    // Who asks may change it.
    owner: user,
    public: false,
    songCount: songs.length,
    duration: Math.round(songs.reduce((sum, { song }) => sum + (song.seconds ?? 0), 0)),
    created: isoTime(createdAt),
    changed: isoTime(changedAt),
    coverArt: songs.find(({ song }) => song.coverId !== null)?.song.coverId,
  };
}

function find({ db }: EndpointInput, id: string): ListedPlaylist {
  const playlist = readPlaylist(db, id);
  if (playlist) return { id, ...playlist };
  throw new RestError("notFound", "there is no playlist with this id");
}

function shown({ library }: EndpointInput, { entries }: ListedPlaylist): Shown[] {
  return entries.flatMap(({ clipId }, position) => {
    const song = library.songsById.get(clipId);
    return song ? [{ position, song }] : [];
  });
}

function songIds({ library, parameters }: EndpointInput, name: string): string[] {
  return (parameters[name] ?? []).map((id) => findSong(library, id).clipId);
}

function index(text: string, count: number): number {
  const at = wholeNumber({ songIndexToRemove: [text] }, "songIndexToRemove", count);
  if (at < count) return at;
  throw new RestError("notFound", `songIndexToRemove is ${at}; the playlist has ${count} songs, counted from 0`);
}

function describing(parameters: Parameters): PlaylistEdit[] {
  const [name, comment] = [optional(parameters, "name"), optional(parameters, "comment")];
  if (!name && comment === undefined) return [];
  return [{ do: "describe", ...(name ? { name } : {}), ...(comment === undefined ? {} : { comment }) }];
}
