import { write } from "../../archive/transaction.ts";
import type { Database } from "../../db/connection.ts";
import { remakeIndex } from "../../db/full-text.ts";
import { addAll } from "../../lib/add-all.ts";
import { checkPages } from "../../db/check-pages.ts";
import { findTroubles, type TaskTrouble } from "../database/check-contents.ts";
import { checkIndex } from "../../db/check-full-text.ts";
import { readJournalContents } from "../database/journal-contents.ts";
import { mendDocuments } from "./documents.ts";
import { mendFiles } from "./file-rows.ts";
import { mendTags } from "./tags.ts";
import { mendTasks } from "./tasks.ts";
import { mendJournal, type DatabaseRepairDeps } from "./journal.ts";

/**
 * Makes again in the database what can be made from something else: indexes from rows, rows from their documents,
 * documents, tags and rows of files from the journal, and lines of the journal from the documents. Says what it did, one line each; nothing was to
 * do, or nothing could be done, where there are none: check again to know. The caller holds the archive's lock. Pages that
 * are damaged are left as they are, and nothing is written to them.
 */
export async function repairDatabase(deps: DatabaseRepairDeps): Promise<string[]> {
  const { db, home, signal } = deps;
  const done = await mendPages(db, signal);
  if (checkPages(db, true).length > 0) return done;
  addAll(done, mendTasks(deps));
  const journal = readJournalContents(home, signal);
  const troubles: TaskTrouble[] = [];
  for await (const trouble of findTroubles(deps, journal)) troubles.push(trouble);
  addAll(done, mendDocuments(deps, troubles.filter(isOfDocuments)));
  if (troubles.length > 0) addAll(done, await mendRows(deps, journal));
  if (!signal.aborted && checkIndex(db, true).length > 0) {
    await remakeIndex(db, signal);
    done.push("the full-text index was made anew");
  }
  if (signal.aborted) return done;
  const { said, proven } = await mendFiles(deps, journal);
  return [...done, ...said, ...mendTags(deps, journal), ...mendJournal(deps, journal, proven)];
}

function isOfDocuments({ lacksCurrent, damaged }: TaskTrouble): boolean {
  return lacksCurrent || damaged.length > 0;
}

/** Indexes can be made from their tables as long as those are whole. */
async function mendPages(db: Database, signal: AbortSignal): Promise<string[]> {
  const problems = checkPages(db, true);
  if (problems.length === 0 || checkPages(db, false).some((line) => !isOfIndex(line))) return [];
  if (problems.some((line) => /fts/i.test(line))) await remakeIndex(db, signal);
  db.$client.exec("reindex");
  return ["the indexes were made anew"];
}

function isOfIndex(line: string): boolean {
  return /index|fts/i.test(line);
}

async function mendRows(deps: DatabaseRepairDeps, journal: ReturnType<typeof readJournalContents>): Promise<string[]> {
  let mended = 0;
  for await (const { rows } of findTroubles(deps, journal)) {
    write(deps.db, () => {
      for (const { mend } of rows) mend();
    });
    mended += rows.length;
  }
  return mended > 0 ? [`${mended} ${mended === 1 ? "row was" : "rows were"} made anew from their documents`] : [];
}
