import { beginReadTransaction } from "../../archive/transaction.ts";
import type { Database } from "../../db/connection.ts";
import { monthOf } from "./plan/albums.ts";
import { extensionOf } from "./plan/planned-file.ts";
import { songTitle } from "./plan/texts.ts";
import { madeAt } from "./read-songs.ts";

/** A song as an export without options has it, without its texts and its path. */
export type LibraryRow = {
  clipId: string;
  title: string;
  /** When it was made, in milliseconds UTC. */
  createdAt: number;
  album: string;
  track: number;
  /** Of the file itself where that could be measured. */
  seconds: number | null;
  bytes: number;
  /** The ending of its file. */
  suffix: string;
  /** The digest of its picture. */
  imageSha256: string | null;
};

type Files = Pick<LibraryRow, "bytes" | "suffix" | "seconds" | "imageSha256">;
type FileRow = [clipId: string, kind: string, bytes: number, path: string, seconds: number | null, sha256: string];
type ClipRow = [
  id: string,
  title: string | null,
  createdAt: number,
  firstSeenAt: number,
  seconds: number | null,
  removed: number,
];

/**
 * All songs with stored audio, oldest first. Files and clips are each read once from beginning to end: looked up one by
 * one, 100,000 take several times as long.
 */
export function readLibrary(db: Database): LibraryRow[] {
  using _moment = beginReadTransaction(db);
  const files = storedFiles(db);
  const tracks = new Map<string, number>();
  const songs: LibraryRow[] = [];
  for (const [clipId, title, created, firstSeenAt, seconds, removed] of clipsByAge(db)) {
    const createdAt = madeAt(created, firstSeenAt);
    const album = monthOf(createdAt);
    // By age among all clips of the album, as `assignAlbums` counts.
    const track = (tracks.get(album) ?? 0) + 1;
    tracks.set(album, track);
    const own = files.get(clipId);
    if (!own || own.suffix === "" || removed) continue;
    songs.push({ clipId, title: songTitle(title), createdAt, album, track, ...own, seconds: own.seconds ?? seconds });
  }
  return songs.sort((one, other) => one.createdAt - other.createdAt || (one.clipId < other.clipId ? -1 : 1));
}

function clipsByAge({ $client: client }: Database): Iterable<ClipRow> {
  return client
    .prepare(
      `select id, title, coalesce(created_at, (select created_at from tasks where tasks.id = task_id), first_seen_at),
        first_seen_at, duration_seconds, removed_at is not null
      from clips order by 3, rowid_key`,
    )
    .raw()
    .iterate() as Iterable<ClipRow>;
}

/** The audio and the picture of each clip; without an ending where there is no audio. */
function storedFiles({ $client: client }: Database): Map<string, Files> {
  const rows = client
    .prepare(
      `select clip_id, kind, bytes, path, duration_seconds, sha256 from assets not indexed
      where kind in ('audio', 'image') and state = 'stored' and removed_at is null and path is not null
        and clip_id is not null`,
    )
    .raw()
    .iterate() as Iterable<FileRow>;
  const files = new Map<string, Files>();
  for (const [clipId, kind, bytes, path, seconds, sha256] of rows) {
    const known = files.get(clipId) ?? { bytes: 0, suffix: "", seconds: null, imageSha256: null };
    files.set(clipId, known);
    if (kind === "image") known.imageSha256 = sha256;
    else Object.assign(known, { bytes, suffix: extensionOf({ path }), seconds });
  }
  return files;
}
