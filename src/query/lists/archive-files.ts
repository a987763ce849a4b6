import { sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";

/** A file that the archive took in at some time, whether or not it is still whole. */
export type ArchiveFile = {
  id: number;
  kind: string;
  clipId: string | null;
  taskId: string;
  title: string | null;
  /** Relative to the assets folder, forward slashes. */
  path: string;
  /** `stored`, or another one since it was found missing or damaged and is not back yet. */
  state: string;
  bytes: number | null;
  sha256: string | null;
  storedAt: number | null;
  lastError: string | null;
};

const KEPT = sql`path is not null and assets.removed_at is null and assets.state in ('stored', 'wanted', 'failed', 'gone')`;

const COLUMNS = sql`assets.id, kind, clip_id as "clipId", assets.task_id as "taskId", coalesce(clips.title, tasks.title) as title, path,
  assets.state, bytes, sha256, stored_at as "storedAt", last_error as "lastError"
  from assets left join clips on clips.id = assets.clip_id left join tasks on tasks.id = assets.task_id`;

export type FileTotals = { files: number; bytes: number };

/** How many there are, and their bytes, by id after `after`. */
export function countArchiveFiles(db: Database, after = 0): FileTotals {
  const id = after === 0 ? sql`true` : sql`assets.id > ${after}`;
  return db.get<FileTotals>(
    sql`select count(*) as files, coalesce(sum(bytes), 0) as bytes from assets where ${id} and ${KEPT}`,
  );
}

/** The next `limit` of them, by id after `after`. */
export function readArchiveFiles(db: Database, after: number, limit: number): ArchiveFile[] {
  return db.all<ArchiveFile>(
    sql`select ${COLUMNS} where assets.id > ${after} and ${KEPT} order by assets.id limit ${limit}`,
  );
}

/** The `limit` whose bytes were held against their digest longest ago, those that never were before all. */
export function longestUnverified(db: Database, limit: number): { id: number; bytes: number }[] {
  return db.all<{ id: number; bytes: number }>(
    sql`select id, coalesce(bytes, 0) as bytes from assets where ${KEPT} order by verified_at is not null, verified_at, id limit ${limit}`,
  );
}

/** Whose bytes these are: for each digest the file that should have it. */
export function filesByDigest(db: Database, digests: string[]): Map<string, ArchiveFile> {
  if (digests.length === 0) return new Map();
  const rows = db.all<ArchiveFile>(
    sql`select ${COLUMNS} where sha256 in (select value from json_each(${JSON.stringify(digests)})) and ${KEPT} order by assets.id desc`,
  );
  return new Map(rows.map((row) => [row.sha256!, row]));
}

/** Where a file with these digests lies under another row's name, by what the archive knows. */
export function findStoredByDigest(db: Database, digests: string[]): { sha256: string; path: string }[] {
  return db.all<{ sha256: string; path: string }>(
    sql`select sha256, path from assets where sha256 in (select value from json_each(${JSON.stringify(digests)}))
      and ${KEPT} and assets.state = 'stored' order by id`,
  );
}

/** One of them as it is now; undefined when the archive names no file there any more. */
export function readArchiveFile(db: Database, id: number): ArchiveFile | undefined {
  return db.get<ArchiveFile | undefined>(sql`select ${COLUMNS} where assets.id = ${id} and ${KEPT}`);
}

/** Which of `paths` no row names. */
export function unnamedPaths(db: Database, paths: string[]): string[] {
  const rows = db.all<{ value: string }>(
    sql`select value from json_each(${JSON.stringify(paths)}) where not exists (select 1 from assets where path = value)`,
  );
  return rows.map((row) => row.value);
}
