import { sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { isoTime } from "../../lib/time/dates.ts";
import { clipsByKey, type ClipListing } from "../lists/clips.ts";

/** A playlist in a list. */
export type PlaylistListing = {
  id: string;
  name: string;
  comment: string;
  /** Its entries: a clip that comes twice counts twice. */
  songs: number;
  durationSeconds: number;
  createdAt: string | null;
  changedAt: string | null;
};

/** A clip at its position in a playlist, positions from 0. */
export type PlaylistClip = { position: number; addedAt: string | null } & ClipListing;

/** One with its clips in order. A clip whose record the archive has lost is left out; the positions stay. */
export type ShownPlaylist = PlaylistListing & { clips: PlaylistClip[] };

type Row = Omit<PlaylistListing, "createdAt" | "changedAt"> & { createdAt: number; changedAt: number };

const LISTED = sql`select playlists.id, playlists.name, comment, count(playlist_clips.clip_id) as songs,
    coalesce(sum(duration_seconds), 0) as "durationSeconds", playlists.created_at as "createdAt", changed_at as "changedAt"
  from playlists left join playlist_clips on playlist_id = playlists.id left join clips on clips.id = clip_id`;

/** Every playlist, by its name. */
export function listPlaylists(db: Database): PlaylistListing[] {
  const rows = db.all<Row>(sql`${LISTED} group by playlists.id`);
  return rows.map(toListing).toSorted((one, other) => one.name.localeCompare(other.name, "en"));
}

/** The playlist with this id; undefined when there is none. */
export function findListedPlaylist(db: Database, id: string): PlaylistListing | undefined {
  const row = db.get<Row | undefined>(sql`${LISTED} where playlists.id = ${id} group by playlists.id`);
  return row && toListing(row);
}

/** One playlist whole; the id as `findPlaylist` returns it. */
export function showPlaylist(db: Database, id: string, assetsRoot: string): ShownPlaylist {
  const row = db.get<Row>(sql`${LISTED} where playlists.id = ${id} group by playlists.id`);
  return { ...toListing(row), clips: clipsOfEntries(db, playlistEntries(db, id), assetsRoot) };
}

/** An entry of a playlist; `key` is the row key of its clip. */
export type PlaylistEntryRow = { position: number; addedAt: number; key: number };

/** All entries in order, without those whose record the archive has lost. */
export function playlistEntries(db: Database, id: string): PlaylistEntryRow[] {
  return db.all(sql`select position, added_at as "addedAt", rowid_key as key
    from playlist_clips join clips on clips.id = clip_id where playlist_id = ${id} order by position`);
}

/** Their clips, in the order given. */
export function clipsOfEntries(db: Database, entries: PlaylistEntryRow[], assetsRoot: string): PlaylistClip[] {
  const keys = [...new Set(entries.map(({ key }) => key))];
  const listings = clipsByKey(db, keys, assetsRoot);
  return entries.flatMap(({ position, addedAt, key }) => {
    const clip = listings.get(key);
    return clip ? [{ position, addedAt: isoTime(addedAt), ...clip }] : [];
  });
}

/** Names of the playlists that hold a clip. */
export function playlistsWith(db: Database, clipId: string): string[] {
  const rows = db.all<{ name: string }>(sql`select name from playlists
    where id in (select playlist_id from playlist_clips where clip_id = ${clipId})`);
  return rows.map(({ name }) => name).toSorted((one, other) => one.localeCompare(other, "en"));
}

/** The clip at a position, from 0. */
export function clipAt(db: Database, id: string, position: number): string | undefined {
  return db.get<{ id: string } | undefined>(
    sql`select clip_id as id from playlist_clips where playlist_id = ${id} and position = ${position}`,
  )?.id;
}

function toListing({ createdAt, changedAt, ...row }: Row): PlaylistListing {
  return { ...row, createdAt: isoTime(createdAt), changedAt: isoTime(changedAt) };
}
