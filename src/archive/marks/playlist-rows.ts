import { and, asc, eq, gte, sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { playlistClips, playlists, type PlaylistRow } from "../../db/schema.ts";
import type { PlaylistChange } from "../journal/entry.ts";
import { editEntries, type PlaylistEntry } from "./edit-entries.ts";

/** A playlist with all of its entries in order. */
export type PlaylistState = Omit<PlaylistRow, "id"> & { entries: PlaylistEntry[] };

/** A playlist as it is now; undefined when there is none of this id. */
export function readPlaylist(db: Database, id: string): PlaylistState | undefined {
  const row = db.select().from(playlists).where(eq(playlists.id, id)).get();
  if (!row) return undefined;
  const { id: _id, ...rest } = row;
  return { ...rest, entries: entriesOf(db, id) };
}

/**
 * The playlist after a change; undefined once it is deleted. Of a playlist whose first lines the journal has lost, what is
 * added later is kept all the same, under a name of our own.
 */
export function changedPlaylist(
  id: string,
  before: PlaylistState | undefined,
  change: PlaylistChange,
  now: number,
): PlaylistState | undefined {
  const base = before ?? { name: `Playlist ${id.slice(0, 8)}`, comment: "", createdAt: now, changedAt: 0, entries: [] };
  const changedAt = Math.max(now, base.changedAt + 1);
  switch (change.do) {
    case "delete":
      return undefined;
    case "restore": {
      const { do: _do, ...state } = change;
      return state;
    }
    case "create": {
      const { name, comment, clipIds } = change;
      return {
        name,
        comment,
        createdAt: now,
        changedAt: now,
        entries: editEntries([], { do: "replace", clipIds }, now),
      };
    }
    case "describe":
      return { ...base, name: change.name ?? base.name, comment: change.comment ?? base.comment, changedAt };
    default:
      return { ...base, changedAt, entries: editEntries(base.entries, change, now) };
  }
}

/** Makes the rows what a change makes of them: what a line of the journal does, when it is written and when it is replayed. */
export function applyToPlaylist(db: Database, id: string, change: PlaylistChange, now: number): void {
  const before = readPlaylist(db, id);
  savePlaylist(db, id, before, changedPlaylist(id, before, change, now));
}

/** Removes clips from all playlists, as a purge does. */
export function removeFromPlaylists(db: Database, clipIds: string[]): void {
  const gone = new Set(clipIds);
  const found = db.all<{ id: string }>(sql`select distinct playlist_id as id from playlist_clips
    where clip_id in (select value from json_each(${JSON.stringify(clipIds)}))`);
  for (const { id } of found) {
    const before = entriesOf(db, id);
    saveEntries(
      db,
      id,
      before,
      before.filter(({ clipId }) => !gone.has(clipId)),
    );
  }
}

function entriesOf(db: Database, id: string): PlaylistEntry[] {
  const { playlistId, position, clipId, addedAt } = playlistClips;
  return db.select({ clipId, addedAt }).from(playlistClips).where(eq(playlistId, id)).orderBy(asc(position)).all();
}

function savePlaylist(
  db: Database,
  id: string,
  before: PlaylistState | undefined,
  after: PlaylistState | undefined,
): void {
  if (!after) {
    db.delete(playlistClips).where(eq(playlistClips.playlistId, id)).run();
    db.delete(playlists).where(eq(playlists.id, id)).run();
    return;
  }
  const { entries, ...row } = after;
  db.insert(playlists)
    .values({ id, ...row })
    .onConflictDoUpdate({ target: playlists.id, set: row })
    .run();
  saveEntries(db, id, before?.entries ?? [], entries);
}

/** Only the rows from the first position that differs are written: adding to the end of a long list is cheap. */
function saveEntries(db: Database, id: string, before: PlaylistEntry[], after: PlaylistEntry[]): void {
  const differs = (entry: PlaylistEntry, index: number) =>
    entry.clipId !== before[index]?.clipId || entry.addedAt !== before[index].addedAt;
  const found = after.findIndex(differs);
  const first = found === -1 ? after.length : found;
  const { playlistId, position } = playlistClips;
  db.delete(playlistClips)
    .where(and(eq(playlistId, id), gte(position, first)))
    .run();
  db.run(sql`insert into playlist_clips (playlist_id, position, clip_id, added_at)
    select ${id}, ${first} + key, value ->> 0, value ->> 1
    from json_each(${JSON.stringify(after.slice(first).map(({ clipId, addedAt }) => [clipId, addedAt]))})`);
}
