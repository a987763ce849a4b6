import { sql } from "drizzle-orm";
import type { Database } from "../db/connection.ts";

/** A file that the archive took in at some time, whether or not it is still whole. */
export type KeptFile = {
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

const KEPT = sql`path is not null and assets.state in ('stored', 'wanted', 'failed', 'gone')`;

const COLUMNS = sql`assets.id, kind, clip_id as "clipId", assets.task_id as "taskId", coalesce(clips.title, tasks.title) as title, path,
  assets.state, bytes, sha256, stored_at as "storedAt", last_error as "lastError"
  from assets left join clips on clips.id = assets.clip_id left join tasks on tasks.id = assets.task_id`;

export function countKeptFiles(db: Database): number {
  return db.get<{ count: number }>(sql`select count(*) as count from assets where ${KEPT}`).count;
}

/** The next `limit` of them, by id after `after`. */
export function keptFiles(db: Database, after: number, limit: number): KeptFile[] {
  return db.all<KeptFile>(
    sql`select ${COLUMNS} where assets.id > ${after} and ${KEPT} order by assets.id limit ${limit}`,
  );
}

/** One of them as it is now; undefined when the archive names no file there any more. */
export function keptFile(db: Database, id: number): KeptFile | undefined {
  return db.get<KeptFile | undefined>(sql`select ${COLUMNS} where assets.id = ${id} and ${KEPT}`);
}

/** Which of `paths` no row names. */
export function unnamedPaths(db: Database, paths: string[]): string[] {
  const rows = db.all<{ value: string }>(
    sql`select value from json_each(${JSON.stringify(paths)}) where not exists (select 1 from assets where path = value)`,
  );
  return rows.map((row) => row.value);
}
