import { removeSongs } from "../../app/remove-songs.ts";
import { changeArchive, type Writer } from "../../app/write-archive.ts";
import { changeMarks, countPlay } from "../../archive/marks/marks.ts";
import { createPlaylist, editPlaylist, type PlaylistEdit } from "../../archive/marks/playlists.ts";
import { changeTags, type TagChange } from "../../archive/tags.ts";
import { UsageError } from "../../lib/errors.ts";
import { tagName } from "../../lib/text/tag-names.ts";
import { findId } from "../../query/find-id.ts";
import { marksOf, shownMarks } from "../../query/filter/marks.ts";
import { tagsOf } from "../../query/filter/tags.ts";
import { findClips } from "../../query/lists/clips-of.ts";
import { showPlaylist } from "../../query/playlists/playlists.ts";
import type { About } from "../workers/about.ts";
import { announceMarks, announcePlaylist, announceTags } from "./mark-events.ts";

export type MarkInput = { id: string; change: { starred: boolean } | { rating: number } | { playedAt?: number } };
export type TagInput = { id: string; change: TagChange };
export type RemoveInput = { clips: string[]; undo?: boolean | undefined };
export type NewPlaylistInput = { name: string; comment?: string | undefined; clips?: string[] | undefined };
export type EditPlaylistInput = { id: string; edits: PlaylistEdit[]; seenAt?: number | undefined };

/**
 * Your marks are written by a worker, which opens the archive for one short change: a line is on the disk when it is
 * answered, and until then, or while a sync commits, nobody else's song is held up. The answer is what is so now.
 */
export const MARK_QUESTIONS = {
  mark: (about: About, { id, change }: MarkInput) =>
    changeArchive(about.config, (archive) => {
      const clip = clipOf(archive, id);
      const now = Date.now();
      const isNew =
        "starred" in change || "rating" in change
          ? changeMarks(archive, [clip], change, now) > 0
          : countPlay(archive, clip, change.playedAt, now);
      if (isNew) announceMarks(about, [clip]);
      return { id: clip, ...shownMarks(marksOf(archive.db, [clip])(clip)) };
    }),
  changeTags: (about: About, { id, change: { added, removed } }: TagInput) =>
    changeArchive(about.config, (archive) => {
      const clip = clipOf(archive, id);
      const change = { added: added.map(tagName), removed: removed.map(tagName) };
      if (changeTags(archive, [clip], change, Date.now()).changed > 0) announceTags(about, clip);
      return { id: clip, tags: tagsOf(archive.db, [clip]).get(clip) ?? [] };
    }),
  remove: ({ config }: About, wanted: RemoveInput) => removeSongs(config, wanted),
  createPlaylist: (about: About, { name, comment = "", clips = [] }: NewPlaylistInput) =>
    changeArchive(about.config, (archive) => {
      const id = createPlaylist(archive, { name, comment, clipIds: clips }, Date.now());
      announcePlaylist(about, id);
      return showPlaylist(archive.db, id, about.assetsRoot);
    }),
  editPlaylist: (about: About, { id, edits, seenAt }: EditPlaylistInput) =>
    changeArchive(about.config, (archive) => {
      if (editPlaylist(archive, id, edits, Date.now(), seenAt)) announcePlaylist(about, id);
      return edits.some((edit) => edit.do === "delete") ? null : showPlaylist(archive.db, id, about.assetsRoot);
    }),
};

function clipOf({ db }: Writer, text: string): string {
  const { kind, id } = findId(db, text);
  if (kind === "task") throw new UsageError(`${id} is a task; marks are given to clips`, { code: "not_found" });
  const [clip] = findClips(db, [id]);
  if (clip?.purgedAt != null) throw new UsageError(`${id} was purged: it takes no marks`, { code: "purged" });
  return id;
}
