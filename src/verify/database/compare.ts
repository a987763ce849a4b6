import { hash } from "node:crypto";
import type { Database } from "../../db/connection.ts";

/** The name under which the database that a replay of the journal made is attached. */
export const REPLAYED = "replayed";

/** Rows of the archive's database that differ from those that its journal makes: of which song or task, and how. */
export type SongDifference = { of: string; what: string };

type Comparison = {
  table: string;
  key: string[];
  /** Columns that have to be equal; every column but the key when it is left out. */
  columns?: string[];
  /** Rows that are compared, as SQL over the row `r`; all by default. */
  only?: string;
  /** When a value may differ, as SQL over the rows `m` (archive) and `s` (journal), by column. */
  accept?: Record<string, string>;
  /** Song or task, and which part of it, as SQL over the row `r`. */
  of: string;
  part?: string;
};

/**
 * In a task of which a clip was purged, versions that differed only in what was purged are one now: their numbers and times
 * are not compared.
 */
const PURGED_TASKS =
  "(select p.task_id from main.task_clips p join main.clips c on c.id = p.clip_id where c.purged_at is not null)";
const CLIPS_OF_PURGED_TASKS = `(select q.clip_id from main.task_clips q where q.task_id in ${PURGED_TASKS})`;

/** Another version of Unicode may fold a title in another way. */
const FOLDED = { title_key: "1" };

function song(id: string): string {
  const title = (schema: string) => `(select title from ${schema}.clips where id = ${id})`;
  return `'song ' || coalesce('"' || coalesce(${title("main")}, ${title(REPLAYED)}) || '" ', '') || ${id}`;
}

function task(id: string): string {
  const titles = (schema: string) =>
    `(select group_concat(coalesce(title, 'untitled'), '", "') from ${schema}.task_clips t join ${schema}.clips c on c.id = t.clip_id where t.task_id = ${id})`;
  return `'task ' || ${id} || coalesce(' ("' || coalesce(${titles("main")}, ${titles(REPLAYED)}) || '")', '')`;
}

function playlist(id: string): string {
  const name = (schema: string) => `(select name from ${schema}.playlists where id = ${id})`;
  return `'playlist "' || coalesce(${name("main")}, ${name(REPLAYED)}, ${id}) || '"'`;
}

const FILE = {
  table: "assets",
  columns: [
    "task_id",
    "url",
    "path",
    "bytes",
    "sha256",
    "content_type",
    "etag",
    "last_modified",
    "duration_seconds",
    "proof",
    "note",
    "stored_at",
    "removed_at",
  ],
  // A removed file has none, nor has one that was brought back and is to be fetched.
  accept: { path: "m.path is null" },
  part: "'its ' || r.kind",
};

const COMPARISONS: Comparison[] = [
  {
    table: "archive_info",
    key: ["key"],
    only: "r.key in ('archive_id', 'created_at', 'kind')",
    of: "'the archive'",
    part: "'its ' || r.key",
  },
  {
    table: "tracked_tasks",
    key: ["task_id"],
    columns: ["service", "source", "added_at", "untracked_at", "state"],
    accept: { state: "m.state = 'missing' and s.state = 'pending'" },
    of: task("r.task_id"),
    part: "'its tracking'",
  },
  {
    table: "tasks",
    key: ["id"],
    accept: {
      ...FOLDED,
      document_version: `m.id in ${PURGED_TASKS}`,
      updated_at: `m.id in ${PURGED_TASKS}`,
    },
    of: task("r.id"),
  },
  {
    table: "task_documents",
    key: ["task_id", "version"],
    columns: ["kind", "fetched_at", "sha256"],
    only: `r.task_id not in ${PURGED_TASKS}`,
    of: task("r.task_id"),
    part: "'version ' || r.version || ' of its record'",
  },
  {
    table: "clips",
    key: ["id"],
    accept: { rowid_key: "1", ...FOLDED, updated_at: `m.id in ${CLIPS_OF_PURGED_TASKS}` },
    of: song("r.id"),
  },
  {
    table: "task_clips",
    key: ["task_id", "position"],
    of: task("r.task_id"),
    part: "'its song at position ' || r.position",
  },
  { ...FILE, key: ["clip_id", "kind"], only: "r.clip_id is not null", of: song("r.clip_id") },
  { ...FILE, key: ["task_id", "kind"], only: "r.clip_id is null", of: task("r.task_id") },
  {
    table: "clip_tags",
    key: ["clip_id", "tag"],
    of: song("r.clip_id"),
    part: `'its tag "' || r.tag || '"'`,
  },
  { table: "clip_marks", key: ["clip_id"], of: song("r.clip_id"), part: "'its row of marks'" },
  { table: "playlists", key: ["id"], of: `'playlist "' || r.name || '"'` },
  {
    table: "playlist_clips",
    key: ["playlist_id", "position"],
    of: playlist("r.playlist_id"),
    part: "'its song at position ' || r.position",
  },
];

/**
 * Yields each difference between the database and the one attached as `replayed`, which a replay of its journal made. What
 * is bookkeeping (`archive/database-only.ts`) is not compared. Ends early when the signal aborts.
 */
export function* compareWithReplay(db: Database, signal: AbortSignal): Generator<SongDifference> {
  for (const comparison of COMPARISONS) {
    yield* missingRows(db, comparison, "main", REPLAYED, "is in the database, but not in its journal", signal);
    yield* missingRows(db, comparison, REPLAYED, "main", "is in the journal, but not in the database", signal);
    yield* differingRows(db, comparison, signal);
  }
  yield* damagedDocuments(db, signal);
}

type Named = { owner: string; part: string | null };

function* missingRows(
  db: Database,
  { table, key, only = "1", of, part = "null" }: Comparison,
  from: string,
  other: string,
  what: string,
  signal: AbortSignal,
): Generator<SongDifference> {
  const same = key.map((name) => `o.${name} = r.${name}`).join(" and ");
  const rows = db.$client.prepare<[], Named>(
    `select ${of} as owner, ${part} as part from ${from}.${table} r
     where (${only}) and not exists (select 1 from ${other}.${table} o where ${same})`,
  );
  for (const row of rows.iterate()) {
    if (signal.aborted) return;
    yield { of: row.owner, what: `${row.part ?? "it"} ${what}` };
  }
}

function* differingRows(db: Database, comparison: Comparison, signal: AbortSignal): Generator<SongDifference> {
  const { table, key, only = "1", accept = {}, of, part = "null" } = comparison;
  const all = db.$client.prepare<[string], string>("select name from pragma_table_info(?)").pluck();
  const columns = comparison.columns ?? all.all(table).filter((name) => !key.includes(name));
  const differs = columns.map((name) => `(m.${name} is not s.${name} and not (${accept[name] ?? "0"}))`);
  if (differs.length === 0) return;
  const named = columns.map((name, at) => `iif(${differs[at]}, ' ${name}', '')`).join(" || ");
  const same = key.map((name) => `s.${name} = m.${name}`).join(" and ");
  const rows = db.$client.prepare<[], Named & { columns: string }>(
    `select ${of.replaceAll(/\br\./g, "m.")} as owner, ${part.replaceAll(/\br\./g, "m.")} as part, ${named} as columns
     from main.${table} m join ${REPLAYED}.${table} s on ${same}
     where (${only.replaceAll(/\br\./g, "m.")}) and (${differs.join(" or ")})`,
  );
  for (const row of rows.iterate()) {
    if (signal.aborted) return;
    yield { of: row.owner, what: `${row.part ?? "it"} differs from its journal in ${columnNames(row.columns)}` };
  }
}

function columnNames(list: string): string {
  return list.trim().split(" ").join(", ");
}

/** Texts of records that do not have the digest in their row. */
function* damagedDocuments({ $client: client }: Database, signal: AbortSignal): Generator<SongDifference> {
  type Row = { owner: string; version: number; sha256: string; document: string };
  const rows = client.prepare<[], Row>(
    `select ${task("r.task_id")} as owner, version, sha256, document from main.task_documents r`,
  );
  for (const { owner, version, sha256, document } of rows.iterate()) {
    if (signal.aborted) return;
    if (hash("sha256", document) !== sha256)
      yield { of: owner, what: `version ${version} of its record does not match its sha256` };
  }
}
