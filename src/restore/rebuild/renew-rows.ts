import { sql } from "drizzle-orm";
import { archiveFacts } from "../../archive/info.ts";
import { checkJournal } from "../../archive/journal/check.ts";
import { readHeld } from "../../archive/journal/held.ts";
import { addUnsavedLines } from "../../archive/journal/journal.ts";
import { journalFacts, journalProblems, replayJournal } from "../../archive/replay-journal.ts";
import { hasCurrentRules, recordRules } from "../../archive/rules.ts";
import { write } from "../../archive/transaction.ts";
import { archivePath } from "../../db/archive-file.ts";
import { checkDatabase } from "../../db/check-pages.ts";
import { connect, type Database } from "../../db/connection.ts";
import { RULES_VERSION } from "../../record/rules-version.ts";
import { addWhatWasWrittenMeanwhile, freshDatabase } from "./fresh-database.ts";
import { replaceDatabase } from "./replace-database.ts";
import { firstDifference, OLD, takeOverBookkeeping, takeOverFileStates } from "./take-over.ts";

export type RenewDeps = {
  home: string;
  signal: AbortSignal;
  onLine: (lines: number) => void;
};

/**
 * Makes all rows again by the rules of this program, as `rebuild` does: from the journal, in a new database that then
 * replaces the pages of the old one, which stays as `archive.db.before-rules-N`. Bookkeeping and what is known of the files
 * are taken over; the files themselves are not looked at. Returns why nothing was changed, when journal and database do not
 * agree: deciding between them is left to `rebuild`. The caller holds the lock. Throws the signal's reason, DiskError.
 */
export async function renewRows(deps: RenewDeps): Promise<string | null> {
  const path = archivePath(deps.home);
  const old = connect(path);
  try {
    if (hasCurrentRules(old)) return null;
    if (hasNoRecords(old)) {
      recordRules(old);
      return null;
    }
    return checkJournal(deps.home, old)?.text ?? (await replaceRows(path, old, deps));
  } finally {
    old.$client.close();
  }
}

function hasNoRecords(db: Database): boolean {
  return db.get(sql`select 1 from task_documents limit 1`) === undefined;
}

async function replaceRows(path: string, old: Database, { home, signal, onLine }: RenewDeps): Promise<string | null> {
  const { archive_id: archiveId = "" } = archiveFacts(old);
  const facts = journalFacts(home, [archiveId]);
  if (facts?.archive_id !== archiveId) return "its journal is not there";
  using fresh = freshDatabase(path, facts);
  const { db } = fresh;
  const replayed = await replayJournal(db, { home, archiveId, signal, onLine, compared: readHeld(old) });
  db.$client.prepare(`attach ? as ${OLD}`).run(path);
  // An immediate transaction locks the attached database too: short writers wait until it ends.
  const why = write(db, () => {
    addUnsavedLines(home, db);
    const [problem] = journalProblems(replayed);
    const difference = problem === undefined ? firstDifference(db) : undefined;
    if (problem !== undefined) return problem;
    if (difference !== undefined) return `${difference} is not the same in the database and in its journal`;
    takeOverBookkeeping(db);
    takeOverFileStates(db);
    return checkDatabase(db, true)[0] ?? null;
  });
  if (why !== null) return why;
  db.$client.exec(`detach ${OLD}`);
  await replaceDatabase(path, fresh, old, `${path}.before-rules-${RULES_VERSION}`);
  addWhatWasWrittenMeanwhile(path, home);
  return null;
}
