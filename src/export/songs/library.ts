import type { Database } from "../../db/connection.ts";
import { nameSongs, type Named } from "./plan/name-songs.ts";
import { DEFAULT_TEMPLATE, parseTemplate } from "./plan/template.ts";
import { readSelection } from "./read-songs.ts";
import type { Song } from "./song.ts";

/** All songs with stored audio as an export without options has them, oldest first; without lyrics and prompts. */
export function readLibrary(db: Database): Named<Song>[] {
  const { songs, clips } = readSelection(db, {}, { texts: false });
  const named = nameSongs(songs, clips, { template: parseTemplate(DEFAULT_TEMPLATE), album: "month" });
  return named.toSorted(
    ({ song: one }, { song: other }) => one.createdAt - other.createdAt || (one.clipId < other.clipId ? -1 : 1),
  );
}
