import type { Database } from "../db/connection.ts";
import { OLDEST_SAFE_SQLITE, SCHEMA_VERSION } from "../db/version.ts";
import { packageVersion } from "../lib/package-root.ts";
import { bad, ok, type Finding } from "./finding.ts";

/** Lists the versions of the program, Node, SQLite and the schema. Bad when SQLite has a known bug. */
export function checkVersions(db: Database | undefined, sqlite = sqliteVersion(db)): Finding {
  const check = "versions";
  const parts = [`producer-mirror ${packageVersion()}`, `Node ${process.versions.node}`];
  if (sqlite) parts.push(`SQLite ${sqlite}`);
  parts.push(`schema ${SCHEMA_VERSION}`);
  const found = parts.join(" · ");
  if (!sqlite || !isOlder(sqlite, OLDEST_SAFE_SQLITE)) return ok(check, found);
  return bad(
    check,
    found,
    `SQLite before ${OLDEST_SAFE_SQLITE} can damage a database in use: install the program again`,
  );
}

function sqliteVersion(db: Database | undefined): string | undefined {
  return db?.$client.prepare<[], string>("select sqlite_version()").pluck().get();
}

function isOlder(version: string, than: string): boolean {
  const parts = (text: string) => text.split(".").map(Number);
  const [a, b] = [parts(version), parts(than)];
  const at = b.findIndex((part, index) => (a[index] ?? 0) !== part);
  return at !== -1 && (a[at] ?? 0) < (b[at] ?? 0);
}
