import { sql } from "drizzle-orm";
import { archiveId } from "../../archive/info.ts";
import { beginReadTransaction } from "../../archive/transaction.ts";
import type { Database } from "../../db/connection.ts";
import { keysOfClips } from "../../query/lists/clips.ts";
import { findPlaylist } from "../../query/playlists/find-playlist.ts";
import { listPlaylists } from "../../query/playlists/playlists.ts";
import type { Filter } from "../../query/filter/filter.ts";
import type { AnyClip, OwnPlaylist, Song } from "./song.ts";
import { oneLine, songKey, songTitle, withoutKeys } from "./plan/texts.ts";

export type Selection = {
  /** Those that are selected and have stored audio, in the order that was asked for. */
  songs: Song[];
  /** All clips of the archive, oldest first. */
  clips: AnyClip[];
  /** Selected clips without stored audio. */
  withoutAudio: number;
  /** The person's own playlists, or the one that was selected. */
  playlists: OwnPlaylist[];
  /** What the archive is known by in the export's folder: made from its id. */
  archiveKey: string;
};

type SongRow = {
  key: number;
  id: string;
  model: string | null;
  action: string | null;
  durationSeconds: number | null;
  lyric: string | null;
  prompt: string | null;
  seed: string | null;
  audioPath: string;
  audioBytes: number;
  audioSha256: string;
  imagePath: string | null;
  imageBytes: number;
  imageSha256: string;
};
type ClipRow = { id: string; title: string | null; createdAt: number; firstSeenAt: number; parentId: string | null };

const LAST_MOMENT = Date.UTC(9999, 11, 31);

/** What `filter` selects, at one moment of the archive; removed clips are never among it. */
export function readSelection(db: Database, filter: Filter): Selection {
  using _moment = beginReadTransaction(db);
  const { keys } = keysOfClips(db, filter);
  const rows = new Map(readSongs(db, keys).map((row) => [row.key, row]));
  const clips = readClips(db);
  const known = new Map(clips.map((clip) => [clip.id, clip]));
  const songs = keys.flatMap((key) => {
    const row = rows.get(key);
    const clip = row && known.get(row.id);
    return row && clip ? toSong(row, clip) : [];
  });
  return {
    songs,
    clips,
    playlists: readPlaylists(db, filter.playlist),
    withoutAudio: keys.length - songs.length,
    archiveKey: songKey(`archive ${archiveId(db)}`),
  };
}

/** In no particular order. Looked up one by one (`cross join` fixes the order of tables): a planner that turns it around tries each key on each file. */
function readSongs(db: Database, keys: number[]): SongRow[] {
  const stored = (file: string) =>
    sql.raw(`${file}.state = 'stored' and ${file}.removed_at is null and ${file}.path is not null`);
  return db.all<SongRow>(sql`
    select clips.rowid_key as key, clips.id, model, action, lyric, prompt, seed,
      coalesce(audio.duration_seconds, clips.duration_seconds) as "durationSeconds",
      audio.path as "audioPath", audio.bytes as "audioBytes", audio.sha256 as "audioSha256",
      image.path as "imagePath", image.bytes as "imageBytes", image.sha256 as "imageSha256"
    from json_each(${JSON.stringify(keys)}) as wanted
      cross join clips on clips.rowid_key = wanted.value
      cross join assets as audio on audio.clip_id = clips.id and audio.kind = 'audio' and ${stored("audio")}
      left join assets as image on image.clip_id = clips.id and image.kind = 'image' and ${stored("image")}`);
}

function readClips(db: Database): AnyClip[] {
  const rows = db.all<ClipRow>(sql`
    select clips.id, clips.title, coalesce(clips.created_at, tasks.created_at, clips.first_seen_at) as "createdAt",
      clips.first_seen_at as "firstSeenAt", coalesce(reference_audio_id, swap_audio_id) as "parentId"
    from clips join tasks on tasks.id = clips.task_id order by 3, clips.rowid_key`);
  return rows.map(({ id, title, createdAt, firstSeenAt, parentId }) => ({
    id,
    title: songTitle(title),
    createdAt: madeAt(createdAt, firstSeenAt),
    parentId: parentId === id ? null : parentId,
  }));
}

/** When a song was made, where what the record says can be. Milliseconds UTC. */
export function madeAt(createdAt: number, firstSeenAt: number): number {
  return createdAt >= 0 && createdAt < LAST_MOMENT ? createdAt : firstSeenAt;
}

function readPlaylists(db: Database, only: string | undefined): OwnPlaylist[] {
  const ids = only === undefined ? listPlaylists(db).map(({ id }) => id) : [findPlaylist(db, only)];
  return ids.map((id) => {
    const { name, changedAt } = db.get<{ name: string; changedAt: number }>(
      sql`select name, changed_at as "changedAt" from playlists where id = ${id}`,
    );
    const entries = db.all<{ clipId: string }>(
      sql`select clip_id as "clipId" from playlist_clips where playlist_id = ${id} order by position`,
    );
    return {
      key: songKey(`playlist ${id}`),
      name: oneLine(withoutKeys(name)) || "playlist",
      changedAt,
      clipIds: entries.map(({ clipId }) => clipId),
    };
  });
}

function toSong(row: SongRow, { title, createdAt }: AnyClip): Song {
  const { id, model, action, lyric, prompt, seed, durationSeconds, imagePath } = row;
  return {
    clipId: id,
    key: songKey(`clip ${id}`),
    title,
    model: oneLine(withoutKeys(model ?? "")),
    action: oneLine(withoutKeys(action ?? "")),
    createdAt,
    durationSeconds,
    lyric: lyric?.trim() ? withoutKeys(lyric) : null,
    prompt: prompt === null ? null : withoutKeys(prompt),
    seed: seed === null ? null : oneLine(withoutKeys(seed)),
    audio: { path: row.audioPath, bytes: row.audioBytes, sha256: row.audioSha256 },
    image: imagePath === null ? null : { path: imagePath, bytes: row.imageBytes, sha256: row.imageSha256 },
  };
}
