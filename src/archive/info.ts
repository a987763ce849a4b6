import { eq } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { archiveInfo } from "../db/schema.ts";

/** The archive's own id, a uuid made at its birth; the assets folder carries it too. */
export function archiveId(db: Database): string {
  return String(fact(db, "archive_id"));
}

/** All that is kept of the archive itself, by name. */
export function archiveFacts(db: Database): { archive_id?: string; created_at?: string; kind?: string } {
  const rows = db.select().from(archiveInfo).all();
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
}

function fact(db: Database, key: string): string | undefined {
  return db.select({ value: archiveInfo.value }).from(archiveInfo).where(eq(archiveInfo.key, key)).get()?.value;
}
