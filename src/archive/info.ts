import { eq } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { archiveInfo } from "../db/schema.ts";
import { IntegrityError } from "../lib/errors.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The archive's own id, a uuid made at its birth; the assets folder carries it too. Throws IntegrityError. */
export function archiveId(db: Database): string {
  const id = String(fact(db, "archive_id"));
  if (UUID.test(id)) return id;
  throw new IntegrityError("the database is damaged: it has lost the archive's id", {
    code: "database_damaged",
    hint: "`producer-mirror rebuild` makes it anew from the journal and the files; or `restore` a backup",
  });
}

/** All that is kept of the archive itself, by name. */
export function archiveFacts(db: Database): { archive_id?: string; created_at?: string; kind?: string } {
  const rows = db.select().from(archiveInfo).all();
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
}

function fact(db: Database, key: string): string | undefined {
  return db.select({ value: archiveInfo.value }).from(archiveInfo).where(eq(archiveInfo.key, key)).get()?.value;
}
