import { hash } from "node:crypto";
import { sql } from "drizzle-orm";
import { BOOKKEEPING } from "../../archive/database-only.ts";
import type { JournalEntry } from "../../archive/journal/entry.ts";
import { originalPath } from "../../archive/removals.ts";
import { STORED_FACTS } from "../../archive/stored-facts.ts";
import type { Database } from "../../db/connection.ts";
import { firstDifferenceOfMarks, rescueMarks } from "./take-over-marks.ts";

/** The name under which the old database is attached. */
export const OLD = "old";

/** When the row `o` of a file in the old database is that of the row `m`, as SQL. */
const SAME_FILE = [
  "o.clip_id = m.clip_id and o.kind = m.kind",
  "m.clip_id is null and o.clip_id is null and o.task_id = m.task_id and o.kind = m.kind",
];

/**
 * Takes over from the old database what only a database knows: history, and how often and when something was tried. A
 * database of an older program may lack some of it.
 */
export function takeOverBookkeeping({ $client: client }: Database): void {
  const columnsOf = (table: string): string[] => {
    const names = (schema: string) =>
      client.prepare<[string, string], string>("select name from pragma_table_info(?, ?)").pluck().all(table, schema);
    const before = new Set(names(OLD));
    return names("main").filter((name) => before.has(name));
  };
  for (const table of BOOKKEEPING.tables) {
    const columns = columnsOf(table).join(", ");
    if (columns !== "") client.exec(`insert into main.${table} (${columns}) select ${columns} from ${OLD}.${table}`);
  }
  const tries = columnsOf("assets");
  const update = (table: string, names: readonly string[], same: string, when: string) => {
    const columns = names.filter((name) => columnsOf(table).includes(name)).join(", ");
    if (columns === "") return;
    client.exec(`update main.${table} as m set (${columns}) = (select ${columns} from ${OLD}.${table} o where ${same})
      where exists (select 1 from ${OLD}.${table} o where ${same} and ${when})`);
  };
  update("tracked_tasks", BOOKKEEPING.columns.tracked_tasks, "o.task_id = m.task_id", "1");
  update("tracked_tasks", ["state"], "o.task_id = m.task_id", "o.state = 'missing' and m.state = 'pending'");
  if (!tries.includes("removed_at")) return;
  for (const same of SAME_FILE) {
    update(
      "assets",
      BOOKKEEPING.columns.assets,
      same,
      "(o.state = m.state or o.state in ('failed', 'gone') and m.state = 'wanted')",
    );
    update(
      "assets",
      ["state"],
      same,
      "o.state in ('failed', 'gone') and m.state = 'wanted' and o.removed_at is null and m.removed_at is null",
    );
    update("assets", ["trash_path"], same, "o.removed_at is not null and m.removed_at is not null and o.path is null");
  }
}

/**
 * Takes over what the archive knows of its files, beyond their lines in the journal: which were lost, or moved to the trash.
 * Call it when the old database held the same lines, so that it knows better. A file with a new address is wanted there.
 */
export function takeOverFileStates({ $client: client }: Database): void {
  const columns = ["state", "path", "trash_path", ...BOOKKEEPING.columns.assets].join(", ");
  for (const same of SAME_FILE)
    client.exec(`update main.assets as m set (${columns}) = (select ${columns} from ${OLD}.assets o where ${same})
      where exists (select 1 from ${OLD}.assets o where ${same} and (o.url = m.url or m.sha256 is not null))`);
  client.exec("update main.tracked_tasks set next_check_at = null where state not in ('pending', 'missing')");
}

/** What the old database has and the new one lacks, or the reverse, of what does not depend on how records are read. */
export function firstDifference(db: Database): string | undefined {
  const [lost] = tasksWithLostRecords(db);
  if (lost !== undefined) return `a record of task ${lost}`;
  const { what } =
    db.get<{ what: string } | undefined>(sql`
      select 'the tracking of task ' || task_id as what from old.tracked_tasks where task_id not in (select task_id from main.tracked_tasks)
      union all
      select 'song ' || o.id from old.clips o left join main.clips m on m.id = o.id
        where m.id is null or m.removed_at is not o.removed_at or m.purged_at is not o.purged_at
      union all
      select 'the ' || o.kind || ' of ' || coalesce(o.clip_id, o.task_id) from old.assets o where o.sha256 is not null and not exists
        (select 1 from main.assets m where m.sha256 = o.sha256 and m.kind = o.kind and m.clip_id is o.clip_id and m.task_id = o.task_id)
      union all
      select 'a tag of song ' || clip_id from (
        select clip_id, tag from old.clip_tags union all select clip_id, tag from main.clip_tags)
        group by clip_id, tag having count(*) = 1
      limit 1`) ?? {};
  return what ?? firstDifferenceOfMarks(db);
}

/**
 * Yields what the old database has and the new one, made from the journal, lacks, in the order in which it came: tracked
 * ids, all records of `tasks`, files, removals, tags, marks and playlists. Call it only when lines of the journal are missing or changed;
 * otherwise the journal knows better. `decisionsAt`: the time (milliseconds UTC) of what has to be undone; undefined when
 * the old database may be older than the journal, so that its decisions are not the last ones.
 */
export function* rescueFromOld(
  db: Database,
  tasks: Iterable<string>,
  decisionsAt: number | undefined,
): Generator<JournalEntry> {
  yield* tracked(db);
  yield* documents(db, tasks);
  yield* files(db);
  if (decisionsAt !== undefined) yield* decisions(db, decisionsAt);
}

function* tracked(db: Database): Generator<JournalEntry> {
  type Row = { id: string; service: string; source: string; at: number; untrackedAt: number | null };
  const rows = db.all<Row>(sql`select task_id as id, service, source, added_at as at, untracked_at as untrackedAt
    from old.tracked_tasks where task_id not in (select task_id from main.tracked_tasks where source <> 'journal') order by added_at`);
  for (const { id, service, source, at, untrackedAt } of rows) {
    yield { type: "track", at, service, source, taskIds: [id] };
    if (untrackedAt !== null) yield { type: "untrack", at: untrackedAt, taskIds: [id] };
  }
}

/** Tasks of which the journal has lost a version of their record. */
export function tasksWithLostRecords({ $client: client }: Database): Set<string> {
  const ids = client
    .prepare<[], string>(
      `select distinct d.task_id from old.task_documents d
       where not exists (select 1 from main.task_documents m where m.task_id = d.task_id and m.sha256 = d.sha256)
         and not exists (select 1 from old.task_clips k join old.clips c on c.id = k.clip_id
                         where k.task_id = d.task_id and c.purged_at is not null)`,
    )
    .pluck()
    .all();
  return new Set(ids);
}

/** All versions in the order in which they came, since that decides what the rows are; then the current one, once more. */
function* documents({ $client: client }: Database, taskIds: Iterable<string>): Generator<JournalEntry> {
  type Row = {
    taskId: string;
    kind: "record" | "result";
    at: number;
    sha256: string;
    document: string;
    service: string;
  };
  const columns = `d.task_id as taskId, kind, fetched_at as at, sha256, document, service
    from old.task_documents d join old.tasks t on t.id = d.task_id where d.task_id = ?`;
  const versions = client.prepare<[string], Row>(`select ${columns} order by version`);
  const current = client.prepare<[string], Row>(
    `select ${columns} and version = document_version and version < (select max(version) from old.task_documents where task_id = t.id)`,
  );
  for (const id of taskIds)
    for (const row of [...versions.all(id), ...current.all(id)])
      if (hash("sha256", row.document) === row.sha256) yield { type: "document", ...row };
}

function* files(db: Database): Generator<JournalEntry> {
  type Row = { taskId: string; clipId: string | null; kind: string; at: number; trashPath: string | null } & Record<
    (typeof STORED_FACTS)[number],
    never
  >;
  const facts = STORED_FACTS.map((name) => `${snake(name)} as ${name}`).join(", ");
  const rows = db.$client
    .prepare<[], Row>(
      `select task_id as taskId, clip_id as clipId, kind, coalesce(stored_at, 0) as at, trash_path as trashPath, ${facts}
       from old.assets o where sha256 is not null and coalesce(path, trash_path) is not null and not exists
         (select 1 from main.assets m where m.kind = o.kind and m.sha256 is not null and
           (m.clip_id = o.clip_id or (m.clip_id is null and o.clip_id is null and m.task_id = o.task_id)))
       order by stored_at`,
    )
    .iterate();
  for (const { trashPath, ...row } of rows)
    yield { type: "stored", ...row, path: row.path ?? originalPath(trashPath ?? "") };
}

/** What the user has decided, as the old database has it: a lost line may have been the one that undid another. */
function* decisions(db: Database, now: number): Generator<JournalEntry> {
  const untracked = db.all<{ id: string; at: number }>(sql`select o.task_id as id, o.untracked_at as at
    from old.tracked_tasks o join main.tracked_tasks m on m.task_id = o.task_id
    where o.untracked_at is not null and m.untracked_at is null`);
  for (const { id, at } of untracked) yield { type: "untrack", at, taskIds: [id] };
  type Marked = { id: string; removedAt: number | null; purgedAt: number | null };
  const marked = db.all<Marked>(sql`select o.id, o.removed_at as removedAt, o.purged_at as purgedAt
    from old.clips o left join main.clips m on m.id = o.id
    where o.removed_at is not m.removed_at or o.purged_at is not m.purged_at`);
  for (const { id, removedAt, purgedAt } of marked) {
    yield removedAt === null
      ? { type: "keep", at: now, clipIds: [id] }
      : { type: "remove", at: removedAt, clipIds: [id] };
    if (purgedAt !== null) yield { type: "purge", at: purgedAt, clipIds: [id] };
  }
  type Tagged = { id: string; tag: string; at: number };
  const tags = (one: string, other: string) =>
    db.$client
      .prepare<[], Tagged>(
        `select clip_id as id, tag, added_at as at from ${one}.clip_tags o where not exists
           (select 1 from ${other}.clip_tags m where m.clip_id = o.clip_id and m.tag = o.tag)`,
      )
      .all();
  for (const { id, tag } of tags("main", OLD)) yield { type: "tag", at: now, clipIds: [id], added: [], removed: [tag] };
  for (const { id, tag, at } of tags(OLD, "main")) yield { type: "tag", at, clipIds: [id], added: [tag], removed: [] };
  yield* rescueMarks(db, now);
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
