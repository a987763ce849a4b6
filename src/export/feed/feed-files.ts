import { lstat } from "node:fs/promises";
import { join, posix } from "node:path";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { UsageError } from "../../lib/errors.ts";
import type { Song, SourceFile } from "../songs/song.ts";
import { readState, STATE_NAME, type MadeFiles } from "../songs/state.ts";

/** A song with its files, by their paths in the folder that is served; `image` is null where there is none. */
export type Placed = { song: Song; audio: { path: string; bytes: number }; image: string | null };

export type PlacedSongs = {
  placed: Placed[];
  /** Songs that have no file there that may be named. */
  left: Song[];
};

/** A clip that came without an id has one made from its task's, and so have its files. */
const MADE_ID = /_\d+$/;

/** The files of the archive itself, as they lie in its assets folder; none whose name would give the id of a task away. */
export function inAssets(songs: Song[], isTask: (id: string) => boolean): PlacedSongs {
  const isKey = ({ clipId }: Song) => MADE_ID.test(clipId) || isTask(clipId);
  const { named = [], left = [] } = Object.groupBy(songs, (song) => (isKey(song) ? "left" : "named"));
  const toPlaced = (song: Song): Placed => ({ song, audio: pick(song.audio), image: song.image?.path ?? null });
  return { placed: named.map(toPlaced), left };
}

/** The files that `export songs` made in a folder, as they lie there now. Throws UsageError when it made none, DiskError. */
export async function inSongsFolder(songs: Song[], folder: string, archiveKey: string): Promise<PlacedSongs> {
  const made = await readState(folder, archiveKey);
  if (made.size === 0)
    throw new UsageError(`${folder} was not made by \`export songs\`: there is no ${STATE_NAME} in it`, {
      code: "no_exported_songs",
      hint: "export the songs first: `producer-mirror export songs <folder>`",
    });
  const paths = byOwner(made);
  const placed: Placed[] = [];
  const left: Song[] = [];
  for (const song of songs) {
    const path = paths.get(`audio ${song.key}`);
    const bytes = path === undefined ? undefined : await sizeOf(folder, path);
    if (path === undefined || bytes === undefined) left.push(song);
    else placed.push({ song, audio: { path, bytes }, image: coverOf(made, paths, song, path) });
  }
  return { placed, left };
}

function byOwner(made: MadeFiles): Map<string, string> {
  return new Map([...made].map(([path, { kind, owner }]) => [`${kind} ${owner}`, path]));
}

/** The song's own, else the one that all songs of its folder share. */
function coverOf(made: MadeFiles, paths: Map<string, string>, { key, image }: Song, audio: string): string | null {
  if (image === null) return null;
  const shared = posix.join(posix.dirname(audio), `cover.${/\.([a-z0-9]+)$/.exec(image.path)?.[1] ?? ""}`);
  return paths.get(`cover ${key}`) ?? (made.get(shared)?.kind === "cover" ? shared : null);
}

async function sizeOf(folder: string, path: string): Promise<number | undefined> {
  try {
    const found = await lstat(join(folder, path));
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    if (/^(ENOENT|ENOTDIR)$/.test((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw toDiskError(error, join(folder, path));
  }
}

function pick({ path, bytes }: SourceFile): { path: string; bytes: number } {
  return { path, bytes };
}
