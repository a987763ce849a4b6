import type { AlbumTrack } from "./albums.ts";
import { genreOf } from "./genre.ts";
import { folderOf } from "../folders.ts";
import { dayOf, nameSongs, type NameOptions, type Named } from "./name-songs.ts";
import { planPlaylists } from "./plan-playlists.ts";
import { copyFile, digest, extensionOf, printOf, textFile, type PlannedFile, type Tags } from "./planned-file.ts";
import type { AnyClip, OwnPlaylist, Song } from "../song.ts";
import { lyricEnding, lyricText } from "./texts.ts";

export type PlanOptions = NameOptions & {
  /** Tags are written when there is an artist. */
  tags?: { artist: string; genre: boolean };
};

/** A change of this number rewrites every tagged copy. */
const TAG_FORM = 2;
const TAGGED = new Set(["m4a", "mp3", "wav"]);

export type NamedSong = Named<Song>;

/** All files of an export; touches nothing. Songs come in the order of the list of all. */
export function planFiles(
  songs: Song[],
  clips: AnyClip[],
  options: PlanOptions,
  playlists: OwnPlaylist[] = [],
): PlannedFile[] {
  const named = nameSongs(songs, clips, options);
  return [
    ...named.map((one) => audio(one, options)),
    ...planCovers(named),
    ...named.flatMap(lyric),
    ...planPlaylists(named, playlists),
  ];
}

function audio({ song, track, path }: NamedSong, { tags: wanted }: PlanOptions): PlannedFile {
  const file = copyFile(path, "audio", song.key, song.createdAt, song.audio);
  if (!wanted || !TAGGED.has(extensionOf(song.audio))) return file;
  const tags = tagsOf(song, track, wanted);
  const print = printOf(digest(JSON.stringify([TAG_FORM, song.audio.sha256, tags])), song.createdAt);
  return { ...file, content: { copyOf: song.audio, tags }, print };
}

function tagsOf(song: Song, { album, track }: AlbumTrack, { artist, genre }: { artist: string; genre: boolean }): Tags {
  const { title, lyric, image, model, action, seed } = song;
  const more = Object.entries({ MODEL: model, ACTION: action, SEED: seed ?? "" }).filter(([, value]) => value !== "");
  return {
    title,
    artist,
    album,
    track,
    date: dayOf(song.createdAt),
    genre: genre ? genreOf(song.prompt) : null,
    lyric: lyric === null ? null : lyricText(lyric).trimEnd(),
    cover: image,
    more: Object.fromEntries(more),
  };
}

function lyric({ song, path }: NamedSong): PlannedFile[] {
  if (song.lyric === null) return [];
  return [textFile(`${path}.${lyricEnding(song.lyric)}`, "lyric", song.key, song.createdAt, lyricText(song.lyric))];
}

/** A folder whose songs all look the same has one `cover.jpg`, which players look for; else each song has its own. */
function planCovers(named: NamedSong[]): PlannedFile[] {
  const folders = Map.groupBy(named, ({ path }) => folderOf(path));
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
