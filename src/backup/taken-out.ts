import { sql } from "drizzle-orm";
import { join } from "node:path";
import type { Database } from "../db/connection.ts";
import type { ArchiveFile } from "../query/lists/archive-files.ts";
import { trashRoot } from "../remove/trash.ts";

/** Where a file lies that `rm` has taken out since the records of a backup were written. */
export type TakenOut = {
  /** In the trash; null when it is gone for good (`--purge`). */
  place: string | null;
};

/** Asks the living archive, which a backup's records are only a moment of; null: its owner did not take it out. */
export function takenOut(home: string, db: Database, { id }: Pick<ArchiveFile, "id">): TakenOut | null {
  const row = db.get<{ trashPath: string | null } | undefined>(
    sql`select trash_path as "trashPath" from assets where id = ${id} and removed_at is not null`,
  );
  return row ? { place: row.trashPath === null ? null : join(trashRoot(home), row.trashPath) } : null;
}
