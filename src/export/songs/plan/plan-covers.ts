import { folderOf } from "../folders.ts";
import type { Placed } from "./plan-files.ts";
import { copyFile, digest, type PlannedFile } from "./planned-file.ts";

/** A folder whose songs all look the same has one `cover.jpg`, which players look for; else each song has its own. */
export function planCovers(placed: Placed[]): PlannedFile[] {
  const folders = Map.groupBy(placed, ({ path }) => folderOf(path));
  return [...folders].flatMap(([folder, songs]) => {
    const pictures = new Set(songs.map(({ song }) => song.image?.sha256));
    const [first] = songs;
    const shared = pictures.size === 1 && folder !== "" ? first?.song.image : null;
    if (!shared)
      return songs.flatMap(({ song, path }) =>
        song.image ? [copyFile(path, "cover", song.key, song.createdAt, song.image)] : [],
      );
    const newest = Math.max(...songs.map(({ song }) => song.createdAt));
    return [copyFile(`${folder}/cover`, "cover", digest(`cover ${folder}`).slice(0, 16), newest, shared)];
  });
}
