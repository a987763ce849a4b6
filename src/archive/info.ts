import { eq } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { archiveInfo } from "../db/schema.ts";
import { IntegrityError } from "../lib/errors.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The archive's id, a uuid made when the archive was created; the assets folder carries it too. Throws IntegrityError. */
export function archiveId(db: Database): string {
  const id = String(readFact(db, "archive_id"));
  if (UUID.test(id)) return id;
  throw new IntegrityError("the database is damaged: the archive's id is missing", {
    code: "database_damaged",
    hint: "`producer-mirror rebuild` rebuilds it from the journal and the files; or `restore` a backup",
  });
}

/** The facts about the archive itself, by name. */
export function archiveFacts(db: Database): { archive_id?: string; created_at?: string; kind?: string } {
  const rows = db.select().from(archiveInfo).all();
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
}

function readFact(db: Database, key: string): string | undefined {
  return db.select({ value: archiveInfo.value }).from(archiveInfo).where(eq(archiveInfo.key, key)).get()?.value;
}
