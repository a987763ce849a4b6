import type { JournalEntry } from "../archive/journal/entry.ts";
import { nothingOf } from "../archive/journal/held.ts";
import { journalFiles, readJournalFile, type JournalLine } from "../archive/journal/read.ts";
import { DiskError } from "../lib/errors.ts";

/** What a journal has beyond another: entries by their type, and whether the two have different lines before that. */
type Newer = { counts: Map<JournalEntry["type"], number>; differs: boolean };

const WORDS: Record<JournalEntry["type"], [one: string, more: string] | undefined> = {
  document: ["record", "records"],
  stored: ["file", "files"],
  track: ["list of tracked ids", "lists of tracked ids"],
  untrack: ["list of untracked ids", "lists of untracked ids"],
  tag: ["change of tags", "changes of tags"],
  mark: ["change of stars, ratings or plays", "changes of stars, ratings or plays"],
  playlist: ["change of playlists", "changes of playlists"],
  remove: ["removal", "removals"],
  keep: ["removal that was undone", "removals that were undone"],
  purge: ["purge", "purges"],
  archive: undefined,
};

/**
 * Throws DiskError when the journal of `home` has anything that the one of the backup in `folder` lacks: a restore would
 * lose it.
 */
export function refuseNewerHere(home: string, folder: string): void {
  const { counts, differs } = newerIn(home, folder);
  const list = [...counts].flatMap(([type, count]) => {
    const words = WORDS[type];
    return words ? [`${count} ${words[count === 1 ? 0 : 1]}`] : [];
  });
  if (list.length === 0 && !differs) return;
  const what = differs ? "earlier lines of its journal that are not those of the backup" : "";
  throw new DiskError(`${home} has what the backup lacks: ${[...list, what].filter(Boolean).join(", ")}`, {
    code: "newer_here",
    hint: "make a backup of it first; --force replaces it all the same, and renames it to <home>.before-restore-<time>",
  });
}

function newerIn(home: string, folder: string): Newer {
  const newer: Newer = { counts: new Map(), differs: false };
  const inBackup = new Set(journalFiles(folder));
  for (const name of journalFiles(home)) {
    const theirs = inBackup.has(name) ? readJournalFile(folder, nothingOf(name)) : undefined;
    for (const line of readJournalFile(home, nothingOf(name))) {
      const other = theirs?.next().value;
      if (other === undefined) count(newer, line);
      else if (other.upTo.digest !== line.upTo.digest && !isTorn(line)) {
        newer.differs = true;
        break;
      }
    }
  }
  return newer;
}

function count({ counts }: Newer, line: JournalLine): void {
  if ("entry" in line) counts.set(line.entry.type, (counts.get(line.entry.type) ?? 0) + 1);
}

/** A line that a kill cut short holds nothing. */
function isTorn(line: JournalLine): boolean {
  return "broken" in line && line.torn;
}
