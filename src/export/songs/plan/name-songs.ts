import { assignAlbums, type AlbumKind, type AlbumTrack } from "./albums.ts";
import type { AnyClip, Song } from "../song.ts";
import { DEFAULT_TEMPLATE, parseTemplate, templateFiller, type Template } from "./template.ts";
import { shortId } from "./texts.ts";
import { uniquePaths } from "./unique-paths.ts";

export type NameOptions = { template: Template; album: AlbumKind };

type Nameable = Pick<Song, "clipId" | "key" | "title" | "model" | "action" | "seed" | "createdAt">;

/** A song with its position in its album and its path, which has no ending yet. */
export type Named<One extends Nameable> = { song: One; track: AlbumTrack; path: string };

/** Gives each song its album and a path of its own, in the order in which the songs came. `clips`: all of the archive. */
export function nameSongs<One extends Nameable>(songs: One[], clips: AnyClip[], options: NameOptions): Named<One>[] {
  const albums = assignAlbums(clips, options.album);
  const found = songs.map((song) => ({
    song,
    track: albums.get(song.clipId) ?? { album: "", track: 1, root: song.title },
  }));
  // The oldest first: it is the one that says how a folder is spelled.
  const oldest = found.toSorted(
    (a, b) => a.song.createdAt - b.song.createdAt || (a.song.clipId < b.song.clipId ? -1 : 1),
  );
  const fill = templateFiller(options.template);
  const paths = uniquePaths(
    oldest.map(({ song, track }) => ({
      clipId: song.clipId,
      id8: shortId(song.clipId, song.key),
      parts: fill(values(song, track)),
    })),
  );
  return found.map((one) => ({ ...one, path: paths.get(one.song.clipId) ?? "" }));
}

const fillDefault = templateFiller(parseTemplate(DEFAULT_TEMPLATE));

/** The path, without an ending, that an export without options gives a song whose name falls together with no other's. */
export function defaultPath(song: Pick<Nameable, "clipId" | "key" | "title" | "createdAt">): string {
  const rest = { model: "", action: "", seed: null };
  return fillDefault(values({ ...rest, ...song }, { album: "", track: 0, root: "" })).join("/");
}

function values(song: Nameable, { album, root }: AlbumTrack) {
  const date = dayOf(song.createdAt);
  const [year = "", month = "", day = ""] = date.split("-");
  const { title, model, action } = song;
  return {
    title,
    model,
    action,
    date,
    year,
    month,
    day,
    id8: shortId(song.clipId, song.key),
    root,
    album,
    seed: song.seed ?? "",
  };
}

/** `2025-12-30`, in UTC. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
