import { nameKey } from "../../../lib/files/spelled-name.ts";
import { cleanPart, cutTo, LONGEST } from "./clean-name.ts";
import { folderOf } from "../folders.ts";
import type { OwnPlaylist } from "../song.ts";
import type { NamedSong } from "./plan-files.ts";
import { digest, extensionOf, textFile, type PlannedFile } from "./planned-file.ts";
import { commonFolder, playlist, type PlaylistSong } from "./playlist.ts";
import { oneLine } from "./texts.ts";

const ALL_SONGS = "All songs";

/**
 * One for each album where its songs lie, by track, one for all at the top, in the order of the list, and each of the
 * person's own at the top too, with those of its songs that are exported.
 */
export function planPlaylists(named: NamedSong[], own: OwnPlaylist[] = []): PlannedFile[] {
  if (named.length === 0) return [];
  const folders = new Set(named.map(({ path }) => folderOf(path)));
  const taken = new Set([...folders].flatMap(foldersAbove).map(nameKey));
  const list = (folder: string, name: string, songs: NamedSong[]) => {
    const path = freePath(folder, name, taken);
    const entries = songs.map(listed);
    const newest = songs.reduce((time, { song }) => Math.max(time, song.createdAt), 0);
    return textFile(path, "playlist", digest(`playlist ${name}`).slice(0, 16), newest, playlist(folder, name, entries));
  };
  const albums = [...Map.groupBy(named, ({ track }) => track.album)].map(([name, songs]) => {
    const byTrack = songs.toSorted((one, other) => one.track.track - other.track.track);
    return { name, songs: byTrack, folder: commonFolder(songs.map(({ path }) => path)) };
  });
  albums.sort((one, other) => (one.name < other.name ? -1 : 1));
  const files = [list("", ALL_SONGS, named), ...albums.map(({ folder, name, songs }) => list(folder, name, songs))];
  return [...files, ...ownPlaylists(named, own, taken)];
}

/** One without any exported song is left out. */
function ownPlaylists(named: NamedSong[], own: OwnPlaylist[], taken: Set<string>): PlannedFile[] {
  const songs = new Map(named.map((one) => [one.song.clipId, one]));
  return own.flatMap(({ key, name, changedAt, clipIds }) => {
    const entries = clipIds.flatMap((id) => songs.get(id) ?? []).map(listed);
    if (entries.length === 0) return [];
    return [textFile(freePath("", name, taken), "playlist", key.slice(0, 16), changedAt, playlist("", name, entries))];
  });
}

function listed({ song, path }: NamedSong): PlaylistSong {
  return { path: `${path}.${extensionOf(song.audio)}`, title: song.title, durationSeconds: song.durationSeconds };
}

/** With itself. */
function foldersAbove(folder: string): string[] {
  const parts = folder.split("/");
  return parts.map((_, at) => parts.slice(0, at + 1).join("/"));
}

function freePath(folder: string, name: string, taken: Set<string>): string {
  const stem = cleanPart(oneLine(name));
  for (let number = 1; ; number++) {
    const end = number === 1 ? "" : ` (${number})`;
    const file = `${cutTo(stem, LONGEST - end.length)}${end}.m3u8`;
    const path = folder === "" ? file : `${folder}/${file}`;
    if (taken.has(nameKey(path))) continue;
    taken.add(nameKey(path));
    return path;
  }
}
