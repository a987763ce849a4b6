import { setImmediate } from "node:timers/promises";
import { sql } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import type { ArchiveFacts } from "../db/archive-file.ts";
import type { JournalFileRow } from "../db/schema.ts";
import { limitMemory } from "../lib/limit-memory.ts";
import { saveHeld, nothingOf, type Held } from "./journal/held.ts";
import { firstLine, journalFiles, readJournalFile, type JournalLine } from "./journal/read.ts";
import { recordRules } from "./rules.ts";
import { createReplay, type ReplayFindings } from "./replay.ts";

export type ReplayedJournal = ReplayFindings & {
  /** What of each file was replayed. */
  held: Held;
  /** Files that belong to another archive; none of their lines was replayed. */
  foreign: { file: string; archiveId: string }[];
  /** Changes that no line has: the first and last number of each gap. None when the lines are those of `compared`. */
  gaps: [first: number, last: number][];
  /** True when the lines that another database held, by what was given as `compared`, are the ones that were read now. */
  isSame: boolean;
};

export type ReplayOptions = {
  home: string;
  archiveId: string;
  signal: AbortSignal;
  onLine?: (lines: number) => void;
  /** Replay what this holds, and no later line. */
  upTo?: Held;
  /** What a database holds that is compared with this replay. */
  compared?: Held;
};

const LINES_PER_TRANSACTION = 2000;

/** Applies the lines of the journal to an empty database, a megabyte at a time. Throws the signal's reason, DiskError. */
export async function replayJournal(db: Database, options: ReplayOptions): Promise<ReplayedJournal> {
  const { home, archiveId, signal, onLine, upTo, compared = [] } = options;
  using _memory = limitMemory();
  const replay = createReplay(db);
  const held = new Map<string, JournalFileRow>();
  const foreign: ReplayedJournal["foreign"] = [];
  const gaps = createGaps();
  const digests = new Map<string, string>();
  const { $client: client } = db;
  client.exec("begin immediate");
  try {
    for (const file of filesInOrder(home, upTo)) {
      const end = upTo?.find(({ name }) => name === file)?.bytes ?? Infinity;
      const other = owner(home, file);
      if (other !== undefined && other !== archiveId) {
        foreign.push({ file, archiveId: other });
        continue;
      }
      held.set(file, nothingOf(file));
      for (const line of readJournalFile(home, nothingOf(file))) {
        if (line.upTo.bytes > end) break;
        if (replay.lines % LINES_PER_TRANSACTION === LINES_PER_TRANSACTION - 1) {
          client.exec("commit");
          await setImmediate();
          signal.throwIfAborted();
          client.exec("begin immediate");
        }
        replay.apply(line);
        gaps.add(line.seq);
        onLine?.(replay.lines);
        if (isWhole(line)) held.set(file, line.upTo);
        if (compared.some(({ name, bytes }) => name === file && bytes === line.upTo.bytes))
          digests.set(file, line.upTo.digest);
      }
    }
    replay.finish();
    completeTracking(db);
    saveHeld(db, held.values());
    recordRules(db);
    client.exec("commit");
  } finally {
    if (client.inTransaction) client.exec("rollback");
  }
  const isSame = compared.every(({ name, digest, bytes }) => bytes === 0 || digests.get(name) === digest);
  const { apply: _apply, finish: _finish, ...findings } = replay;
  return {
    ...findings,
    held: [...held.values()],
    foreign,
    gaps: isSame && compared.length > 0 ? [] : gaps.list(),
    isSame,
  };
}

/** A last line without its line break may still be growing. */
function isWhole(line: JournalLine): boolean {
  return !("broken" in line && line.torn);
}

/** The archive that the first line of a file names; undefined for files of older programs. */
function owner(home: string, file: string): string | undefined {
  const first = firstLine(home, file);
  return first && "entry" in first && first.entry.type === "archive" ? first.entry.archiveId : undefined;
}

/** By the number of their first change, since a file may have been renamed; files of older programs come first. */
function filesInOrder(home: string, upTo: Held | undefined): string[] {
  const names = journalFiles(home).filter((name) => upTo?.some((file) => file.name === name) ?? true);
  const order = new Map(names.map((name) => [name, firstLine(home, name)?.seq ?? 0]));
  return names.toSorted((one, other) => (order.get(one) ?? 0) - (order.get(other) ?? 0));
}

function createGaps() {
  const seen = new Set<number>();
  return {
    add(seq: number | null): void {
      if (seq !== null) seen.add(seq);
    },
    /** Of all numbers from 1 to the highest. */
    list(): [number, number][] {
      const numbers = [0, ...[...seen].toSorted((one, other) => one - other)];
      return numbers.flatMap((number, at): [number, number][] => {
        const next = numbers[at + 1];
        return next !== undefined && next > number + 1 ? [[number + 1, next - 1]] : [];
      });
    },
  };
}

/** A line may be missing from the journal. Every task in the archive is tracked, with the state of its record. */
function completeTracking(db: Database): void {
  db.run(sql`insert into tracked_tasks (task_id, source, added_at, state, attempts)
    select id, 'journal', first_seen_at, state, 1 from tasks where id not in (select task_id from tracked_tasks)`);
  db.run(sql`update tracked_tasks set state = (select state from tasks where id = task_id), next_check_at = null
    where exists (select 1 from tasks where id = task_id and tasks.state <> tracked_tasks.state)`);
}

/**
 * The facts about the archive by the first lines of the journal's files; undefined when none has them. Of several archives
 * it is the first of `likely` that is among them, else the one with most files. Throws DiskError.
 */
export function journalFacts(home: string, likely: (string | null | undefined)[] = []): ArchiveFacts | undefined {
  const found = journalFiles(home).flatMap((file): ArchiveFacts[] => {
    const first = firstLine(home, file);
    if (!first || !("entry" in first) || first.entry.type !== "archive") return [];
    const { archiveId: archive_id, createdAt: created_at, kind } = first.entry;
    return [{ archive_id, created_at, kind }];
  });
  const files = (id: string) => found.filter(({ archive_id }) => archive_id === id).length;
  const rank = ({ archive_id: id }: ArchiveFacts) => (likely.includes(id) ? likely.indexOf(id) : likely.length);
  return found.toSorted((one, other) => rank(one) - rank(other) || files(other.archive_id) - files(one.archive_id))[0];
}

/** What is wrong with the lines of the journal, one text each. */
export function journalProblems({ damaged, foreign, gaps, isSame }: ReplayedJournal): string[] {
  const texts = [
    ...damaged.map(({ file, line, why }) => `${file} line ${line}: ${why}`),
    ...foreign.map(({ file, archiveId }) => `${file} belongs to archive ${archiveId}`),
    ...gaps.map(([first, last]) =>
      first === last ? `change ${first} is missing` : `changes ${first} to ${last} are missing`,
    ),
  ];
  return texts.length > 0 || isSame ? texts : ["its lines are not those that the database was made from"];
}
