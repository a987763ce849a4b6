import crypto from "node:crypto";
import { sql } from "drizzle-orm";
import { archiveId } from "../../archive/info.ts";
import { holdMoment } from "../../archive/transaction.ts";
import type { Database } from "../../db/connection.ts";
import { listClips, type ClipListing } from "../../query/clips.ts";
import type { Filter } from "../../query/filter.ts";
import type { AnyClip, Song, StoredFile } from "./song.ts";
import { oneLine, withoutKeys } from "./texts.ts";

export type Selection = {
  /** Those that are selected and have stored audio, in the order that was asked for. */
  songs: Song[];
  /** All clips of the archive, oldest first. */
  clips: AnyClip[];
  /** Selected clips without stored audio. */
  withoutAudio: number;
  /** What the archive is known by in the export's folder: made from its id. */
  archiveKey: string;
};

type FileRow = StoredFile & { clipId: string; kind: "audio" | "image"; durationSeconds: number | null };
type ClipRow = { id: string; title: string | null; createdAt: number; firstSeenAt: number; parentId: string | null };

const LAST_MOMENT = Date.UTC(9999, 11, 31);

/** What `filter` selects, at one moment of the archive; clips that were taken out are never among it. */
export function readSelection(db: Database, filter: Filter): Selection {
  using _moment = holdMoment(db);
  const listings = listClips(db, filter, "");
  const ids = listings.map(({ id }) => id);
  const files = Map.groupBy(readFiles(db, ids), ({ clipId }) => clipId);
  const clips = readClips(db);
  const born = new Map(clips.map(({ id, createdAt }) => [id, createdAt]));
  const songs = listings.flatMap((listing) => toSong(listing, files.get(listing.id) ?? [], born.get(listing.id)));
  const archiveKey = digest(`archive ${archiveId(db)}`);
  return { songs, clips, withoutAudio: listings.length - songs.length, archiveKey };
}

function readFiles(db: Database, clipIds: string[]): FileRow[] {
  return db.all<FileRow>(sql`
    select clip_id as "clipId", kind, path, bytes, sha256, duration_seconds as "durationSeconds" from assets
    where clip_id in (select value from json_each(${JSON.stringify(clipIds)})) and kind in ('audio', 'image')
      and state = 'stored' and removed_at is null and path is not null`);
}

function readClips(db: Database): AnyClip[] {
  const rows = db.all<ClipRow>(sql`
    select clips.id, clips.title, coalesce(clips.created_at, tasks.created_at, clips.first_seen_at) as "createdAt",
      clips.first_seen_at as "firstSeenAt", coalesce(reference_audio_id, swap_audio_id) as "parentId"
    from clips join tasks on tasks.id = clips.task_id order by 3, clips.rowid_key`);
  return rows.map(({ id, title, createdAt, firstSeenAt, parentId }) => ({
    id,
    title: titleOf(title),
    createdAt: createdAt >= 0 && createdAt < LAST_MOMENT ? createdAt : firstSeenAt,
    parentId: parentId === id ? null : parentId,
  }));
}

function toSong(listing: ClipListing, files: FileRow[], createdAt = 0): Song[] {
  const { id, model, action, lyric, prompt, seed } = listing;
  const audio = files.find(({ kind }) => kind === "audio");
  const image = files.find(({ kind }) => kind === "image");
  if (audio === undefined) return [];
  return [
    {
      clipId: id,
      key: digest(`clip ${id}`),
      title: titleOf(listing.title),
      model: oneLine(withoutKeys(model ?? "")),
      action: oneLine(withoutKeys(action ?? "")),
      createdAt,
      durationSeconds: audio.durationSeconds ?? listing.durationSeconds,
      lyric: lyric?.trim() ? withoutKeys(lyric) : null,
      prompt: prompt === null ? null : withoutKeys(prompt),
      seed: seed === null ? null : oneLine(withoutKeys(seed)),
      audio: stored(audio),
      image: image ? stored(image) : null,
    },
  ];
}

function stored({ path, bytes, sha256 }: FileRow): StoredFile {
  return { path, bytes, sha256 };
}

function titleOf(title: string | null): string {
  return oneLine(withoutKeys(title ?? "")) || "untitled";
}

/** 16 hex digits: enough to tell songs apart, nothing to ask the service with. */
function digest(text: string): string {
  return crypto.createHash("sha256").update(text).digest("hex").slice(0, 16);
}
