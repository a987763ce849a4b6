import { isoTime } from "../../lib/time/dates.ts";
import { marksOf, shownMarks } from "../../query/filter/marks.ts";
import { tagsOf } from "../../query/filter/tags.ts";
import { findListedPlaylist } from "../../query/playlists/playlists.ts";
import type { ServerEvent } from "../events/event-text.ts";
import type { About } from "../workers/about.ts";

type Announcing = Pick<About, "db" | "announce">;

/** Clips of one event: more are several events. */
const MOST_CLIPS = 200;

/** Lets every reader of `/api/events` know what the stars, ratings and plays of these clips are now. */
export function announceMarks({ db, announce }: Announcing, clipIds: string[]): void {
  const marks = marksOf(db, clipIds);
  for (let at = 0; at < clipIds.length; at += MOST_CLIPS) {
    const clips = clipIds.slice(at, at + MOST_CLIPS).map((id) => ({ id, ...shownMarks(marks(id)) }));
    announce(event("marks.changed", { clips }));
  }
}

/** The same of the tags of a clip. */
export function announceTags({ db, announce }: Announcing, id: string): void {
  announce(event("tags.changed", { id, tags: tagsOf(db, [id]).get(id) ?? [] }));
}

/** The same of a playlist, which may have been deleted. */
export function announcePlaylist({ db, announce }: Announcing, id: string): void {
  const found = findListedPlaylist(db, id);
  announce(found ? event("playlist.changed", { ...found }) : event("playlist.deleted", { id }));
}

function event(name: string, data: Record<string, unknown>): ServerEvent {
  return { event: name, at: isoTime(Date.now()) ?? "", ...data };
}
