import { join } from "node:path";
import { dumpTables, type Row } from "./archive-copy.ts";
import { digestTree } from "./folder-tree.ts";

/** Tables of what was done and when, not of what is kept. */
const DIARIES = /^(sync_runs|verify_runs|backups|copies|archive_info|journal_files|__drizzle_migrations)$|_fts/;
/** Columns that say when and how often, and the numbers of rows, which follow the order of arrival. */
const DIARY =
  /^(id_key|rowid_key|attempts|misses|not_seen|last_error|http_status|proof|note|etag|last_modified|content_type)$|(^(added|first_seen|updated|fetched|stored|verified|first_miss|last_checked|next_check|next_attempt)_at$)/;

export type Contents = { tables: Record<string, string[]>; files: Record<string, string> };

/** What an archive holds, to be compared with another: rows without their diary, and the digest of every file. */
export function archiveContents(home: string, assets = join(home, "assets")): Contents {
  const tables = Object.entries(dumpTables(home)).filter(([name]) => !DIARIES.test(name));
  return {
    tables: Object.fromEntries(
      tables.map(([name, rows]) => [name, rows.map((row) => line(name, row)).toSorted((a, b) => (a < b ? -1 : 1))]),
    ),
    files: digestTree(assets, (path) => path === ".producer-mirror"),
  };
}

function line(table: string, row: Row): string {
  const kept = Object.entries(row).filter(([name]) => !DIARY.test(name) && !(table === "assets" && name === "id"));
  return JSON.stringify(Object.fromEntries(kept));
}
