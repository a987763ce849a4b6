import type { Database } from "../../db/connection.ts";
import type { JournalFileRow } from "../../db/schema.ts";
import { IntegrityError } from "../../lib/errors.ts";
import { write } from "../transaction.ts";
import { nothingOf, readHeld, saveHeld, type Held } from "./held.ts";
import { journalSizes, readJournal, readJournalFile } from "./read.ts";

/**
 * How the journal's files differ from what the database holds of them. `behind`: the journal has changes that the database
 * lacks, more than a writer at work can explain. `changed`: the files are not those that the database was made from.
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
    const problem = compare(home, sizes, held);
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
    for (const line of readJournal(home)) if (!("broken" in line && line.torn)) held.set(line.upTo.name, line.upTo);
    saveHeld(db, held.values());
  });
}

export function isOlderJournal(home: string, db: Database): boolean {
  if (readHeld(db).length > 0) return false;
  for (const line of readJournal(home)) if (!("blank" in line)) return line.seq === null && "entry" in line;
  return false;
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

function compare(home: string, sizes: ReadonlyMap<string, number>, held: Held): JournalProblem | undefined {
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
  const names = [...sizes.keys()];
  const foreign = names.find((name) => name < newest.name && !held.some((file) => file.name === name));
  if (foreign !== undefined)
    return { kind: "changed", text: `journal/${foreign} was put in: ${origin(home, foreign, held)}` };
  if (names.at(-1) === newest.name && sizes.get(newest.name) === newest.bytes) return undefined;
  return checkTail(home, held, newest);
}

/** Looks at the lines that the database does not hold. */
function checkTail(home: string, held: Held, newest: JournalFileRow): JournalProblem | undefined {
  const last = Math.max(...held.map(({ seq }) => seq));
  let changes = new Set<number | null>();
  for (const line of readJournal(home, held)) {
    if ("blank" in line || ("broken" in line && line.torn)) continue;
    changes = changes.add(line.seq);
    if (
      "entry" in line &&
      line.entry.type === "archive" &&
      line.upTo.name !== newest.name &&
      line.seq !== null &&
      line.seq <= last
    )
      return { kind: "changed", text: `journal/${line.upTo.name} was put in: ${origin(home, line.upTo.name, held)}` };
  }
  changes.delete(last + 1);
  if (changes.size === 0) return undefined;
  return {
    kind: "behind",
    text: `${changes.size} later ${changes.size === 1 ? "change is" : "changes are"} in the journal alone`,
  };
}

/** Where a file of the journal comes from that the database does not know. */
function origin(home: string, name: string, held: Held): string {
  let archiveId: string | undefined;
  let seq: number | null = null;
  for (const line of readJournalFile(home, nothingOf(name))) {
    seq = line.seq;
    if ("entry" in line && line.entry.type === "archive") archiveId = line.entry.archiveId;
    break;
  }
  const doubled = seq !== null && held.some((file) => seq <= file.seq);
  return `${archiveId === undefined ? "it does not say of which archive it is" : `it is of archive ${archiveId}`}${doubled ? ", and repeats numbers of changes that other files have" : ""}`;
}
