import { write } from "../../archive/transaction.ts";
import { clipTags } from "../../db/schema.ts";
import type { Contents } from "../database/check-contents.ts";
import { readJournalContents, type JournalContents } from "../database/journal-contents.ts";
import { lostTags } from "../database/check-decisions.ts";

/**
 * Puts tags back into the database that the journal tells of. Where lines of it are damaged, one of these may have taken
 * the tag off: then the database has the last word. Says what it did. Throws the signal's reason.
 */
export function mendTags({ db, home, signal }: Contents, journal: JournalContents): string[] {
  if (journal.broken.length > 0 || lostTags(db, journal).length === 0) return [];
  const count = write(db, () => {
    // A tag may have been taken off since the journal was read; within this transaction nobody does.
    const lost = lostTags(db, readJournalContents(home, signal));
    for (const row of lost) db.insert(clipTags).values(row).run();
    return lost.length;
  });
  return count > 0 ? [`${count} ${count === 1 ? "tag was" : "tags were"} put back from the journal`] : [];
}
