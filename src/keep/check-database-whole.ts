import { checkDatabase } from "./check-database.ts";
import { checkContents, type Contents, type DatabaseProblem } from "./check-database-contents.ts";

/** Nothing is wrong where there are no problems. */
export type DatabaseReport = { ok: boolean; problems: DatabaseProblem[] };

/**
 * Everything that can be told of the database: its pages first, and only where these are sound what the tables say of each
 * other. Without `full` the cheap part: pages and rows as SQLite checks them, whether each task has its document and its
 * tracking, whether each clip is indexed. Throws what a database throws that cannot be read at all.
 */
export async function checkWholeDatabase(contents: Contents, full: boolean): Promise<DatabaseReport> {
  using _moment = holdMoment(contents.db);
  const pages = checkDatabase(contents.db, full).map((text) => ({ part: "pages" as const, text }));
  const problems = pages.length > 0 ? pages : await checkContents(contents, full);
  return { ok: problems.length === 0, problems };
}

/**
 * One moment of the database for all that is read: a sync that runs beside writes on. The journal is read after it has
 * begun, and thus holds at least what these rows do, since its lines come before their commit.
 */
function holdMoment({ $client: client }: Contents["db"]): Disposable {
  client.exec("begin");
  return {
    [Symbol.dispose]() {
      // A damaged page may have ended it, and what it says of that is told by whoever read it.
      if (client.inTransaction && client.open) tryRollback(client);
    },
  };
}

function tryRollback(client: Contents["db"]["$client"]): void {
  try {
    client.exec("rollback");
  } catch {
    // Nothing was written.
  }
}
