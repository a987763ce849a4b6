import { oneLine } from "./texts.ts";

export type PlaylistSong = {
  /** From the export's folder. */
  path: string;
  title: string;
  durationSeconds: number | null;
};

/** An extended M3U in UTF-8 that lies in `folder` (`""` for the top), at or above all of its songs: paths lead down only. */
export function playlist(folder: string, name: string, songs: PlaylistSong[]): string {
  const below = folder === "" ? 0 : folder.length + 1;
  const lines = songs.flatMap(({ path, title, durationSeconds }) => [
    `#EXTINF:${durationSeconds === null ? -1 : Math.round(durationSeconds)},${oneLine(title)}`,
    commentSafe(path.slice(below)),
  ]);
  return ["#EXTM3U", `#PLAYLIST:${oneLine(name)}`, ...lines, ""].join("\n");
}

/** A path that begins with `#` would be a comment. */
function commentSafe(path: string): string {
  return path.startsWith("#") ? `./${path}` : path;
}

/** The deepest folder that holds all of these paths. */
export function commonFolder(paths: string[]): string {
  const [first = [], ...others] = paths.map((path) => path.split("/").slice(0, -1));
  const depth = first.findIndex((part, at) => others.some((other) => other[at] !== part));
  return first.slice(0, depth < 0 ? first.length : depth).join("/");
}
