import { holdMoment } from "../../archive/transaction.ts";
import { checkDatabase } from "../../db/check-pages.ts";
import { checkContents, type Contents, type DatabaseProblem } from "./check-contents.ts";

/** Nothing is wrong where there are no problems. */
export type DatabaseReport = { ok: boolean; problems: DatabaseProblem[] };

/**
 * Everything that can be told of the database: its pages first, and only where these are sound what the tables say of each
 * other. Without `full` the cheap part: pages and rows as SQLite checks them, whether each task has its document and its
 * tracking, whether each clip is indexed. Throws what a database throws that cannot be read at all.
 */
export async function checkWholeDatabase(contents: Contents, full: boolean): Promise<DatabaseReport> {
  // Before the journal is read: its lines come before their commit, so it then holds at least what these rows do.
  using _moment = holdMoment(contents.db);
  const pages = checkDatabase(contents.db, full).map((text) => ({ part: "pages" as const, text }));
  const problems = pages.length > 0 ? pages : await checkContents(contents, full);
  return { ok: problems.length === 0, problems };
}
