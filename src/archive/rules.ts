import { eq } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { archiveInfo } from "../db/schema.ts";
import { RULES_VERSION } from "../record/rules-version.ts";

const KEY = "rules";

/** What a database without rows says of its rules. */
export const CURRENT_RULES = { [KEY]: String(RULES_VERSION) };

/** Whether the rows were made by the rules of this program. A database of a program that kept no account of it says nothing. */
export function hasCurrentRules(db: Database): boolean {
  const row = db.select({ value: archiveInfo.value }).from(archiveInfo).where(eq(archiveInfo.key, KEY)).get();
  return row?.value === CURRENT_RULES[KEY];
}

/** Records that all rows are those that this program makes of the journal. */
export function recordRules(db: Database): void {
  const value = String(RULES_VERSION);
  db.insert(archiveInfo)
    .values({ key: KEY, value })
    .onConflictDoUpdate({ target: archiveInfo.key, set: { value } })
    .run();
}
