import { asc, desc, eq } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { syncRuns } from "../../db/schema.ts";
import { UsageError } from "../../lib/errors.ts";
import { isoTime, parseSince } from "../../lib/time/dates.ts";
import { parseDuration } from "../../lib/time/durations.ts";

/** A moment in milliseconds UTC, and how to name it in a sentence. */
export type Since = { at: number; words: string };

/**
 * Reads `--since`: the start of a run (`12`; without a text, of the last run), a duration before `now` (`7d`, `1h30m`), or
 * a date as other commands take it. Four digits that name no run are a year. Throws UsageError.
 */
export function changesSince(db: Database, text: string | undefined, now: number): Since {
  if (text === undefined) return lastRun(db);
  const wanted = text.trim();
  if (/^\d+$/.test(wanted)) return runNumbered(db, wanted);
  if (/^[\d.\s]+[a-z][\da-z.\s]*$/i.test(wanted))
    return { at: now - parseDuration(wanted, "--since") * 1000, words: `the last ${wanted}` };
  try {
    return { at: parseSince(wanted, "--since", now), words: wanted };
  } catch (cause) {
    throw new UsageError(`--since is "${text}"; it takes a run's number, a date or a length of time`, {
      cause,
      hint: "such as 12, 2026-11, 2026-11-22T18:30:00Z or 7d; a date without a zone is UTC",
    });
  }
}

function runNumbered(db: Database, digits: string): Since {
  const id = Number(digits);
  const run = Number.isSafeInteger(id) && db.select().from(syncRuns).where(eq(syncRuns.id, id)).get();
  if (run) return sinceRun(run);
  if (digits.length === 4) return { at: parseSince(digits), words: digits };
  const newest = db.select().from(syncRuns).orderBy(desc(syncRuns.id)).limit(1).get();
  const oldest = db.select().from(syncRuns).orderBy(asc(syncRuns.id)).limit(1).get();
  throw new UsageError(`there is no run ${digits}`, {
    code: "not_found",
    hint: newest && oldest ? `there are runs ${oldest.id} to ${newest.id}` : "there was no run yet",
  });
}

function lastRun(db: Database): Since {
  const run = db.select().from(syncRuns).orderBy(desc(syncRuns.id)).limit(1).get();
  return run ? sinceRun(run) : { at: 0, words: "the beginning: there was no run yet" };
}

function sinceRun({ id, startedAt }: { id: number; startedAt: number }): Since {
  return { at: startedAt, words: `run ${id} began (${isoTime(startedAt)})` };
}
