import { write } from "../../archive/transaction.ts";
import type { Database } from "../../db/connection.ts";
import { rebuildFullTextIndex } from "../../db/full-text.ts";
import { addAll } from "../../lib/add-all.ts";
import { checkPages } from "../../db/check-pages.ts";
import { findTaskProblems, type TaskProblems } from "../database/check-contents.ts";
import { checkFullText } from "../../db/check-full-text.ts";
import { readJournalContents } from "../database/journal-contents.ts";
import { repairDocuments } from "./documents.ts";
import { repairFileRows } from "./file-rows.ts";
import { repairTasks } from "./tasks.ts";
import { repairJournal, repairTags, type DatabaseRepairDeps } from "./journal.ts";

/**
 * Repairs what can be derived from something else: indexes from rows, rows from documents, documents, tags and file rows
 * from the journal, and lines of the journal from the database. Returns the changes made, one line each. No line means that
 * nothing was wrong or nothing could be repaired: check again to know. The caller holds the archive's lock. Nothing is
 * written to damaged pages.
 */
export async function repairDatabase(deps: DatabaseRepairDeps): Promise<string[]> {
  const { db, home, signal } = deps;
  const changesMade = await repairPages(db, signal);
  if (checkPages(db, true).length > 0) return changesMade;
  addAll(changesMade, repairTasks(deps));
  const journal = readJournalContents(home, signal);
  const problems: TaskProblems[] = [];
  for await (const found of findTaskProblems(deps, journal)) problems.push(found);
  addAll(changesMade, repairDocuments(deps, problems.filter(hasDocumentProblems)));
  if (problems.length > 0) addAll(changesMade, await repairRows(deps, journal));
  if (!signal.aborted && checkFullText(db, true).length > 0) {
    await rebuildFullTextIndex(db, signal);
    changesMade.push("the full-text index was rebuilt");
  }
  if (signal.aborted) return changesMade;
  const files = await repairFileRows(deps, journal);
  const { confirmedRows } = files;
  addAll(changesMade, files.changesMade);
  addAll(changesMade, repairTags(deps, journal));
  addAll(changesMade, repairJournal(deps, journal, confirmedRows));
  return changesMade;
}

function hasDocumentProblems({ lacksCurrentDocument, damagedDocuments }: TaskProblems): boolean {
  return lacksCurrentDocument || damagedDocuments.length > 0;
}

/** Indexes can be rebuilt from their tables, as long as the tables are sound. */
async function repairPages(db: Database, signal: AbortSignal): Promise<string[]> {
  const problems = checkPages(db, true);
  if (problems.length === 0 || checkPages(db, false).some((line) => !isOfIndex(line))) return [];
  if (problems.some((line) => /fts/i.test(line))) await rebuildFullTextIndex(db, signal);
  db.$client.exec("reindex");
  return ["the indexes were rebuilt"];
}

function isOfIndex(line: string): boolean {
  return /index|fts/i.test(line);
}

async function repairRows(
  deps: DatabaseRepairDeps,
  journal: ReturnType<typeof readJournalContents>,
): Promise<string[]> {
  let repaired = 0;
  for await (const { rows } of findTaskProblems(deps, journal)) {
    write(deps.db, () => {
      for (const row of rows) row.repair();
    });
    repaired += rows.length;
  }
  return repaired > 0 ? [`${repaired} ${repaired === 1 ? "row was" : "rows were"} repaired from documents`] : [];
}
