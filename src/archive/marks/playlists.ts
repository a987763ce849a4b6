import { sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { EXIT, MirrorError, UsageError } from "../../lib/errors.ts";
import { foldTag } from "../../lib/text/tag-names.ts";
import { playlistComment, playlistName } from "../../lib/text/playlist-names.ts";
import type { Journal, PlaylistChange } from "../journal/entry.ts";
import type { EntriesChange } from "./edit-entries.ts";
import { applyToPlaylist, changedPlaylist, readPlaylist, type PlaylistState } from "./playlist-rows.ts";

type Writer = { db: Database; journal: Journal };

/** What a person does to a playlist that is there. */
export type PlaylistEdit = EntriesChange | Extract<PlaylistChange, { do: "describe" | "delete" }>;

/** The most songs of one playlist. */
export const MAX_ENTRIES = 20_000;

/** Makes a playlist and returns its id. Throws UsageError for a name that is taken or cannot be one, and an unknown clip. */
export function createPlaylist(
  { db, journal }: Writer,
  { name, comment = "", clipIds = [] }: { name: string; comment?: string; clipIds?: string[] },
  now: number,
): string {
  const id = crypto.randomUUID();
  const change = { do: "create" as const, name: playlistName(name), comment: playlistComment(comment), clipIds };
  journal.write((append) => {
    check(db, id, undefined, change);
    append([{ type: "playlist", at: now, id, change }], now);
    applyToPlaylist(db, id, change, now);
  });
  return id;
}

/**
 * Changes a playlist; of several changes each is made of what the one before left. What changes nothing is neither written
 * nor in the journal. `seenAt`: the `changedAt` of the playlist that the person had before their eyes. Returns whether
 * anything changed. Throws UsageError for a playlist or clip that is not there, MirrorError (`changed_meanwhile`) when the
 * playlist has changed since it was seen.
 */
export function editPlaylist(
  { db, journal }: Writer,
  id: string,
  edits: PlaylistEdit[],
  now: number,
  seenAt?: number,
): boolean {
  return journal.write((append) => {
    const changes = plan(db, id, edits, now, seenAt);
    append(
      changes.map((change) => ({ type: "playlist" as const, at: now, id, change })),
      now,
    );
    for (const change of changes) applyToPlaylist(db, id, change, now);
    return changes.length > 0;
  });
}

/** Whether `editPlaylist` would change anything, throwing as it does. Writes nothing. */
export function planPlaylist(db: Database, id: string, edits: PlaylistEdit[], now: number): boolean {
  return plan(db, id, edits, now).length > 0;
}

/** The edits that change something. */
function plan(db: Database, id: string, edits: PlaylistEdit[], now: number, seenAt?: number): PlaylistEdit[] {
  let state = readPlaylist(db, id);
  if (!state) throw noPlaylist(id);
  if (seenAt !== undefined && seenAt !== state.changedAt) throw changedMeanwhile(state.name);
  return edits.map(withoutBadNames).filter((edit) => {
    if (!state) throw noPlaylist(id);
    check(db, id, state, edit);
    const after = changedPlaylist(id, state, edit, now);
    if (isSame(state, after)) return false;
    state = after;
    return true;
  });
}

/** Throws as `createPlaylist` does. Writes nothing. */
export function planNewPlaylist(
  db: Database,
  { name, comment, clipIds }: { name: string; comment: string; clipIds: string[] },
): void {
  check(db, "", undefined, { do: "create", name: playlistName(name), comment: playlistComment(comment), clipIds });
}

function withoutBadNames(edit: PlaylistEdit): PlaylistEdit {
  if (edit.do !== "describe") return edit;
  const { name, comment } = edit;
  return {
    do: "describe",
    ...(name !== undefined && { name: playlistName(name) }),
    ...(comment !== undefined && { comment: playlistComment(comment) }),
  };
}

function check(db: Database, id: string, before: PlaylistState | undefined, change: PlaylistChange): void {
  if ("name" in change && change.name !== undefined) refuseTakenName(db, id, change.name);
  if (!("clipIds" in change)) return;
  const kept = change.do === "replace" ? new Set(before?.entries.map(({ clipId }) => clipId)) : new Set();
  refuseUnknown(
    db,
    change.clipIds.filter((clip) => !kept.has(clip)),
  );
  const entries = change.clipIds.length + (change.do === "add" ? (before?.entries.length ?? 0) : 0);
  if (entries > MAX_ENTRIES)
    throw new UsageError(`a playlist holds at most ${MAX_ENTRIES} songs; this one would hold ${entries}`, {
      code: "too_many_songs",
    });
}

function refuseTakenName(db: Database, id: string, name: string): void {
  const others = db.all<{ name: string }>(sql`select name from playlists where id <> ${id}`);
  const taken = others.find((other) => foldTag(other.name) === foldTag(name));
  if (taken) throw new UsageError(`there is a playlist "${taken.name}" already`, { code: "name_taken" });
}

function refuseUnknown(db: Database, clipIds: string[]): void {
  const bad = db.get<{ id: string; purged: number } | undefined>(sql`
    select value as id, clips.id is not null as purged from json_each(${JSON.stringify(clipIds)})
    left join clips on clips.id = value where clips.id is null or purged_at is not null limit 1`);
  if (!bad) return;
  const why = bad.purged ? `${bad.id} was purged: it cannot be in a playlist` : `no clip has the id ${bad.id}`;
  throw new UsageError(why, { code: bad.purged ? "purged" : "unknown_clip" });
}

function isSame(before: PlaylistState, after: PlaylistState | undefined): boolean {
  return JSON.stringify({ ...after, changedAt: 0 }) === JSON.stringify({ ...before, changedAt: 0 });
}

function noPlaylist(text: string): UsageError {
  return new UsageError(`there is no playlist ${JSON.stringify(text)}`, {
    code: "not_found",
    hint: "`producer-mirror playlist list` shows them all",
  });
}

function changedMeanwhile(name: string): MirrorError {
  return new MirrorError("changed_meanwhile", EXIT.usage, `the playlist "${name}" has changed since it was read`, {
    hint: "read it again, then make the change",
  });
}
