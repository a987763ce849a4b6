import type { RunArchive } from "./run-archive.ts";
import { isTracked } from "../archive/tracking.ts";
import type { Config } from "../config.ts";
import { checkDatabase } from "../db/check-pages.ts";
import { IntegrityError, UsageError } from "../lib/errors.ts";
import { findTaskId } from "../query/find-id.ts";
import { hasTracked } from "../query/lists/archive-facts.ts";

/**
 * The tasks that are named, by an id or the beginning of one. Throws UsageError when one is not tracked, or when nothing
 * is, and IntegrityError when that is so because the database has lost its rows. Files alone may be fetched all the same.
 */
export function checkTracked(
  { db }: Pick<RunArchive, "db">,
  named: string[],
  config: Config,
  assetsOnly: boolean,
): string[] {
  const ids = named.map((word) => findTaskId(db, word));
  const unknown = ids.filter((id) => !isTracked(db, id));
  if (unknown.length > 0) {
    refuseDamaged(db, config.home);
    throw new UsageError(`not tracked: ${unknown.join(", ")}`, {
      code: "not_tracked",
      hint: "track it first: producer-mirror track <id>",
    });
  }
  if (assetsOnly || config.from.length > 0 || hasTracked(db)) return ids;
  refuseDamaged(db, config.home);
  throw new UsageError(`nothing is tracked in ${config.home}`, {
    code: "nothing_tracked",
    hint: "producer-mirror track <id>, or track --file FILE",
  });
}

function refuseDamaged(db: RunArchive["db"], home: string): void {
  const [problem] = checkDatabase(db, false);
  if (problem === undefined) return;
  throw new IntegrityError(`the database is damaged: ${home}: ${problem}`, {
    code: "database_damaged",
    hint: "restore it from a backup; the journal and the files beside it are untouched",
  });
}
