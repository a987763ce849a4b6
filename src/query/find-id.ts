import { sql } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { UsageError } from "../lib/errors.ts";

export type FoundId = { kind: "task" | "clip"; id: string };
type Match = FoundId & { title: string | null };

const LISTED = 10;
/** Sorts after every character that an id has. */
const LAST = "\u{10ffff}";

/**
 * The task or clip that a person means: an exact id, else the one id that begins so. A task comes before the clips that
 * bear its id. Throws UsageError when there is none, or several (the hint lists them).
 */
export function findId(db: Database, text: string): FoundId {
  const wanted = text.trim();
  if (!wanted) throw new UsageError("the id is empty");
  const spellings = [...new Set([wanted, wanted.toLowerCase()])];
  for (const id of spellings) {
    const exact = matches(db, id, id)[0];
    if (exact) return { kind: exact.kind, id: exact.id };
  }
  const found = [
    ...new Map(spellings.flatMap((id) => matches(db, id, id + LAST)).map((one) => [one.id, one])).values(),
  ];
  const [first] = found;
  if (!first)
    throw new UsageError(`no task or clip has the id ${shown(wanted)}`, {
      code: "not_found",
      hint: "`producer-mirror clips` and `producer-mirror tasks` list them",
    });
  if (found.slice(1).every(({ id }) => id.startsWith(`${first.id}_`))) return { kind: first.kind, id: first.id };
  throw ambiguous(wanted, found);
}

/** Ids from `from` to `to`, tasks before clips, at most one more than are listed. */
function matches(db: Database, from: string, to: string): Match[] {
  return db.all<Match>(sql`
    select * from (
      select 'task' as kind, id, title from tasks where id between ${from} and ${to}
      union all
      select 'task', task_id, null from tracked_tasks
      where task_id between ${from} and ${to} and not exists (select 1 from tasks where tasks.id = task_id)
      union all
      select 'clip', id, title from clips where id between ${from} and ${to}
    ) order by id, kind desc limit ${LISTED + 1}`);
}

function ambiguous(wanted: string, found: Match[]): UsageError {
  const lines = found.slice(0, LISTED).map(({ kind, id, title }) => `${id}  ${kind}${title ? `  "${title}"` : ""}`);
  if (found.length > LISTED) lines.push("and more");
  return new UsageError(
    `${shown(wanted)} is ambiguous: ${found.length > LISTED ? `more than ${LISTED}` : found.length} ids begin so`,
    {
      code: "ambiguous_id",
      hint: lines.join("\n"),
    },
  );
}

/** What was piped in may be no id at all. */
function shown(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100).toWellFormed()}…` : text;
}
