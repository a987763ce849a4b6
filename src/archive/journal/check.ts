import type { Database } from "../../db/connection.ts";
import type { JournalFileRow } from "../../db/schema.ts";
import { IntegrityError } from "../../lib/errors.ts";
import { archiveFacts } from "../info.ts";
import { write } from "../transaction.ts";
import { lastSeq, nothingOf, readHeld, saveHeld, type Held } from "./held.ts";
import { firstLine, journalSizes, readJournal, readJournalFile, type JournalLine } from "./read.ts";

/**
 * How the journal's files differ from what the database holds of them. `behind`: the journal has changes that the database
 * lacks, more than a writer at work can explain; the next writer adds them. `changed`: the files are not those that the
 * database was made from.
 */
export type JournalProblem = { kind: "behind" | "changed"; text: string };

/**
 * Compares the sizes of the journal's files with what the database holds of them, which reads no line when they agree.
 * Lines of one change may be ahead of the database: its writer is at work, or was killed before its commit, and the next
 * one adds it. Throws DiskError.
 */
export function checkJournal(home: string, db: Database): JournalProblem | undefined {
  for (let before = ""; ;) {
    // The files first: a change that is committed meanwhile is then in the database that is read after them.
    const sizes = journalSizes(home);
    const held = readHeld(db);
    const problem = compare(home, sizes, held, db);
    const seen = JSON.stringify(held);
    if (problem === undefined || seen === before) return problem;
    before = seen;
  }
}

/**
 * Records that the database holds the whole journal, if an older program made both: it kept no account of that, and wrote
 * lines without numbers. `verify --full` compares them. Call it while nobody else writes.
 */
export function recordOlderJournal(home: string, db: Database): void {
  if (!isOlderJournal(home, db)) return;
  write(db, () => {
    if (!isOlderJournal(home, db)) return;
    const held = new Map<string, JournalFileRow>();
    for (const line of readJournal(home)) if (!isTorn(line)) held.set(line.upTo.name, line.upTo);
    saveHeld(db, held.values());
  });
}

export function isOlderJournal(home: string, db: Database): boolean {
  if (readHeld(db).length > 0) return false;
  const first = firstLine(home, journalSizes(home).keys().next().value ?? "");
  return first !== undefined && first.seq === null && !isTorn(first);
}

/** The error for an archive whose journal and database do not agree. */
export function journalError(home: string, { kind, text }: JournalProblem): IntegrityError {
  return new IntegrityError(
    `${kind === "behind" ? "the database is behind its journal" : "the journal was changed"}: ${home}: ${text}`,
    {
      code: kind === "behind" ? "database_behind" : "journal_damaged",
      hint: "`producer-mirror rebuild` makes the database again from the journal and the files, and keeps what only the old database has",
    },
  );
}

/** A line that a crash cut short says nothing. */
function isTorn(line: JournalLine): boolean {
  return "broken" in line && line.torn;
}

/**
 * Compares the lines that the database holds with those in the newest file, whose end alone tells of later changes, and
 * looks at those that follow: they may be added to the database when there is no problem.
 */
export function compareLines(home: string, db: Database): JournalProblem | undefined {
  const held = readHeld(db);
  const problem = compareFiles(home, journalSizes(home), held, db) ?? findUnnumbered(home, held);
  const newest = held.at(-1);
  if (problem || !newest || newest.bytes === 0) return problem;
  for (const { upTo } of readJournalFile(home, nothingOf(newest.name)))
    if (upTo.bytes >= newest.bytes)
      return upTo.bytes === newest.bytes && upTo.digest === newest.digest
        ? undefined
        : {
            kind: "changed",
            text: `the lines of journal/${newest.name} are not those that the database was made from`,
          };
  return undefined;
}

function compare(
  home: string,
  sizes: ReadonlyMap<string, number>,
  held: Held,
  db: Database,
): JournalProblem | undefined {
  const problem = compareFiles(home, sizes, held, db);
  const newest = held.at(-1);
  if (problem || !newest || ([...sizes.keys()].at(-1) === newest.name && sizes.get(newest.name) === newest.bytes))
    return problem;
  return findUnnumbered(home, held) ?? checkTail(home, held);
}

function compareFiles(
  home: string,
  sizes: ReadonlyMap<string, number>,
  held: Held,
  db: Database,
): JournalProblem | undefined {
  const newest = held.at(-1);
  if (!newest) return undefined;
  for (const { name, bytes } of held) {
    const size = sizes.get(name);
    if (size === undefined) return { kind: "changed", text: `journal/${name} is missing` };
    if (size < bytes)
      return {
        kind: "changed",
        text: `journal/${name} lacks ${bytes - size} of the ${bytes} bytes that the database holds`,
      };
    if (size > bytes && name !== newest.name)
      return {
        kind: "changed",
        text: `journal/${name} has ${size - bytes} bytes more than the database holds, though newer files follow it`,
      };
  }
  const last = lastSeq(held);
  for (const name of sizes.keys()) {
    if (held.some((file) => file.name === name)) continue;
    const first = firstLine(home, name);
    if (name < newest.name || (first && !isTorn(first) && !goesOn(first, last, archiveFacts(db).archive_id)))
      return { kind: "changed", text: `journal/${name} was put in: ${origin(first, held)}` };
  }
  return undefined;
}

/** Whether the first line of a newer file is this archive's own, of a later change. */
function goesOn(first: JournalLine, last: number, archiveId: string | undefined): boolean {
  const isOwn = "entry" in first && first.entry.type === "archive" && first.entry.archiveId === archiveId;
  return isOwn && first.seq !== null && first.seq > last;
}

/** Whoever added a line without a number was not this program: it is not known what comes before it. */
function findUnnumbered(home: string, held: Held): JournalProblem | undefined {
  for (const line of readJournal(home, held))
    if (held.length > 0 && line.seq === null && !("blank" in line) && !isTorn(line))
      return { kind: "changed", text: `journal/${line.upTo.name} line ${line.upTo.lines} has no number of a change` };
  return undefined;
}

/** Looks at the lines that the database does not hold. Those of a change that it holds were only repeated. */
function checkTail(home: string, held: Held): JournalProblem | undefined {
  const last = lastSeq(held);
  const changes = new Set<number>();
  for (const { seq } of readJournal(home, held)) if (seq !== null && seq > last + 1) changes.add(seq);
  if (changes.size === 0) return undefined;
  const later = `${changes.size} later ${changes.size === 1 ? "change is" : "changes are"}`;
  return { kind: "behind", text: `${later} in the journal alone` };
}

/** Where a file of the journal comes from that the database does not know, by its first line. */
function origin(first: JournalLine | undefined, held: Held): string {
  const whose =
    first && "entry" in first && first.entry.type === "archive"
      ? `it is of archive ${first.entry.archiveId}`
      : "it does not say of which archive it is";
  const { seq = null } = first ?? {};
  return seq !== null && held.some((file) => seq <= file.seq)
    ? `${whose}, and repeats numbers of changes that other files have`
    : whose;
}
