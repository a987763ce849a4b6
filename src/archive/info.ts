import { eq } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { archiveInfo } from "../db/schema.ts";

/** The archive's own id, a uuid made at its birth; the assets folder carries it too. */
export function archiveId(db: Database): string {
  return String(fact(db, "archive_id"));
}

/** True for the archive that `demo` made: sync, watch and discover refuse it. */
export function isDemoArchive(db: Database): boolean {
  return fact(db, "kind") === "demo";
}

function fact(db: Database, key: string): string | undefined {
  return db.select({ value: archiveInfo.value }).from(archiveInfo).where(eq(archiveInfo.key, key)).get()?.value;
}
