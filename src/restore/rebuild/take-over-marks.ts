import type { JournalEntry } from "../../archive/journal/entry.ts";
import type { Database } from "../../db/connection.ts";

/** Rows of stars, ratings, plays and playlists that only one of the two databases has, as what they are of. */
const DIFFERENCES = [
  {
    table: "clip_marks",
    columns: "clip_id, starred_at, rating, plays, last_played_at",
    what: "'a mark of song ' || clip_id",
    id: "clip_id",
  },
  {
    table: "playlists",
    columns: "id, name, comment, created_at, changed_at",
    what: "'the playlist ' || id",
    id: "id",
  },
  {
    table: "playlist_clips",
    columns: "playlist_id, position, clip_id, added_at",
    what: "'a song of the playlist ' || playlist_id",
    id: "playlist_id",
  },
] as const;

type Compared = (typeof DIFFERENCES)[number];

/** What differs first between the marks and playlists of the two databases. */
export function firstDifferenceOfMarks(db: Database): string | undefined {
  if (!hasMarks(db)) return undefined;
  const all = DIFFERENCES.map((one) => `select ${one.what} from (${differing(one)})`).join(" union all ");
  return db.$client.prepare<[], string>(`${all} limit 1`).pluck().get();
}

/** A database of an older program has none. */
function hasMarks({ $client: client }: Database): boolean {
  const tables = client.prepare<[], string>("select name from old.sqlite_schema where type = 'table'").pluck().all();
  return DIFFERENCES.every(({ table }) => tables.includes(table));
}

function differing({ table, columns, id }: Compared): string {
  return `select ${id} from (select ${columns} from old.${table} union all select ${columns} from main.${table})
    group by ${columns} having count(*) = 1`;
}

/** Lines that give the new database the stars, ratings, plays and playlists of the old one, which knows better. */
export function* rescueMarks(db: Database, now: number): Generator<JournalEntry> {
  if (!hasMarks(db)) return;
  const { $client: client } = db;
  const [ofMarks, ...ofPlaylists] = DIFFERENCES;
  type Marks = { clipId: string; starredAt: number | null; rating: number; plays: number; lastPlayedAt: number | null };
  const marks = client
    .prepare<[], Marks>(
      `select id as clipId, starred_at as starredAt, coalesce(rating, 0) as rating, coalesce(plays, 0) as plays,
         last_played_at as lastPlayedAt
       from clips left join old.clip_marks o on o.clip_id = clips.id where id in (${differing(ofMarks)})`,
    )
    .all();
  for (const { clipId, ...change } of marks) yield { type: "mark", at: now, clipIds: [clipId], change };
  const ids = client.prepare<[], string>(ofPlaylists.map(differing).join(" union ")).pluck().all();
  type Playlist = { name: string; comment: string; createdAt: number; changedAt: number };
  const old = client.prepare<[string], Playlist>(
    "select name, comment, created_at as createdAt, changed_at as changedAt from old.playlists where id = ?",
  );
  const entries = client.prepare<[string], { clipId: string; addedAt: number }>(
    "select clip_id as clipId, added_at as addedAt from old.playlist_clips where playlist_id = ? order by position",
  );
  for (const id of ids) {
    const playlist = old.get(id);
    yield {
      type: "playlist",
      at: now,
      id,
      change: playlist ? { do: "restore", ...playlist, entries: entries.all(id) } : { do: "delete" },
    };
  }
}
