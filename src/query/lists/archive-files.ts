import { sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";

/** A file that was stored at some time, whether or not it is still intact. */
export type ArchiveFile = {
  id: number;
  kind: string;
  clipId: string | null;
  taskId: string;
  title: string | null;
  /** Relative to the assets folder, forward slashes. */
  path: string;
  /** `stored`, or another state when it was found missing or damaged and has not been restored yet. */
  state: string;
  bytes: number | null;
  sha256: string | null;
  storedAt: number | null;
  lastError: string | null;
};

const WAS_STORED = sql`path is not null and assets.removed_at is null and assets.state in ('stored', 'wanted', 'failed', 'gone')`;

const COLUMNS = sql`assets.id, kind, clip_id as "clipId", assets.task_id as "taskId", coalesce(clips.title, tasks.title) as title, path,
  assets.state, bytes, sha256, stored_at as "storedAt", last_error as "lastError"
  from assets left join clips on clips.id = assets.clip_id left join tasks on tasks.id = assets.task_id`;

export type FileTotals = { files: number; bytes: number };

/** Counts these files and their bytes, those with an id after `after`. */
export function countArchiveFiles(db: Database, after = 0): FileTotals {
  const id = after === 0 ? sql`true` : sql`assets.id > ${after}`;
  return db.get<FileTotals>(
    sql`select count(*) as files, coalesce(sum(bytes), 0) as bytes from assets where ${id} and ${WAS_STORED}`,
  );
}

/** The next `limit` of these files in the order of ids, after the id `after`. */
export function readArchiveFiles(db: Database, after: number, limit: number): ArchiveFile[] {
  return db.all<ArchiveFile>(
    sql`select ${COLUMNS} where assets.id > ${after} and ${WAS_STORED} order by assets.id limit ${limit}`,
  );
}

/** The `limit` files that were verified longest ago, those never verified first. */
export function longestUnverified(db: Database, limit: number): { id: number; bytes: number }[] {
  return db.all<{ id: number; bytes: number }>(
    sql`select id, coalesce(bytes, 0) as bytes from assets where ${WAS_STORED} order by verified_at is not null, verified_at, id limit ${limit}`,
  );
}

/** For each digest the file that should have it; digests of no file are absent. */
export function filesByDigest(db: Database, digests: string[]): Map<string, ArchiveFile> {
  if (digests.length === 0) return new Map();
  const rows = db.all<ArchiveFile>(
    sql`select ${COLUMNS} where sha256 in (select value from json_each(${JSON.stringify(digests)})) and ${WAS_STORED} order by assets.id desc`,
  );
  return new Map(rows.map((row) => [row.sha256!, row]));
}

/** Paths of stored files with these digests, by what the archive knows. */
export function findStoredByDigest(db: Database, digests: string[]): { sha256: string; path: string }[] {
  return db.all<{ sha256: string; path: string }>(
    sql`select sha256, path from assets where sha256 in (select value from json_each(${JSON.stringify(digests)}))
      and ${WAS_STORED} and assets.state = 'stored' order by id`,
  );
}

/** The file of one row as it is now; undefined when the row names no file any more. */
export function readArchiveFile(db: Database, id: number): ArchiveFile | undefined {
  return db.get<ArchiveFile | undefined>(sql`select ${COLUMNS} where assets.id = ${id} and ${WAS_STORED}`);
}

/** The files that have these paths. */
export function readArchiveFilesAt(db: Database, paths: string[]): ArchiveFile[] {
  return db.all<ArchiveFile>(
    sql`select ${COLUMNS} where path in (select value from json_each(${JSON.stringify(paths)})) and ${WAS_STORED} order by assets.id`,
  );
}

/** Those of `paths` that no row names. */
export function unnamedPaths(db: Database, paths: string[]): string[] {
  const rows = db.all<{ value: string }>(
    sql`select value from json_each(${JSON.stringify(paths)}) where not exists (select 1 from assets where path = value)`,
  );
  return rows.map((row) => row.value);
}
