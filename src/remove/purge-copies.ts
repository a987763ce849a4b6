import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { sql } from "drizzle-orm";
import type { RemoveDeps } from "./remove.ts";

/**
 * Where texts and files that are purged here may still be: each place that a backup was begun at, whether or not it came
 * to its end, older databases in the home, homes that a restore has put aside, and what is staged for a backup.
 */
export function otherCopies({ db, home }: Pick<RemoveDeps, "db" | "home">): string[] {
  const places = db.all<{ location: string }>(sql`select location from copies union select location from backups`);
  const inHome = readdirSync(home).filter((name) => name.startsWith("archive.db.before-") || name === "backup-staging");
  const beside = namesIn(dirname(home)).filter((name) => name.startsWith(`${basename(home)}.before-restore-`));
  return [
    ...places.map(({ location }) => location),
    ...inHome.map((name) => join(home, name)),
    ...beside.map((name) => join(dirname(home), name)),
  ].toSorted();
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
