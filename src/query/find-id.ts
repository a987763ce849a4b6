import { sql } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { UsageError } from "../lib/errors.ts";
import { isTaskId } from "../record/pick-ids.ts";

export type FoundId = { kind: "task" | "clip"; id: string };
type Match = FoundId & { title: string | null };

const MAX_LISTED = 10;
/** Sorts after every character that an id contains. */
const AFTER_EVERY_ID = "\u{10ffff}";

/**
 * Finds the task or clip with this id, or the only one whose id begins with it. A task comes before the clips whose ids
 * are made from its own; `45806fab_0` is the first of these. Throws UsageError when there is none, or several (the hint lists them).
 */
export function findId(db: Database, text: string): FoundId {
  const wanted = text.trim();
  if (!wanted) throw new UsageError("the id is empty");
  const spellings = [...new Set([wanted, wanted.toLowerCase()])];
  for (const id of spellings) {
    const exact = matches(db, id)[0];
    if (exact) return { kind: exact.kind, id: exact.id };
  }
  const found = [
    ...new Map(spellings.flatMap((id) => matches(db, id, id + AFTER_EVERY_ID)).map((one) => [one.id, one])).values(),
  ];
  const [first] = found;
  const [, start, position] = /^(.+)_(\d+)$/.exec(wanted) ?? [];
  if (!first && start !== undefined) {
    const [clip] = matches(db, `${findId(db, start).id}_${position}`);
    if (clip) return { kind: clip.kind, id: clip.id };
  }
  if (!first)
    throw new UsageError(`no task or clip has the id ${shown(wanted)}`, {
      code: "not_found",
      hint: "`producer-mirror clips` and `producer-mirror tasks` list them",
    });
  if (found.slice(1).every(({ id }) => id.startsWith(`${first.id}_`))) return { kind: first.kind, id: first.id };
  throw ambiguous(wanted, found);
}

/** The task with this id, or the only one that begins so; any whole task id, whether or not it is here. Throws UsageError. */
export function findTaskId(db: Database, text: string): string {
  const word = text.trim().toLowerCase();
  if (isTaskId(word)) return word;
  const { kind, id } = findId(db, text);
  if (kind === "task") return id;
  throw new UsageError(`${shown(text.trim())} is a clip; name its task`, {
    code: "not_a_task",
    hint: `\`producer-mirror show ${id}\` says which that is`,
  });
}

/** Ids from `from` to `to`, tasks before clips, at most one more than the hint lists. */
function matches(db: Database, from: string, to = from): Match[] {
  return db.all<Match>(sql`
    select * from (
      select 'task' as kind, id, title from tasks where id between ${from} and ${to}
      union all
      select 'task', task_id, null from tracked_tasks
      where task_id between ${from} and ${to} and not exists (select 1 from tasks where tasks.id = task_id)
      union all
      select 'clip', id, title from clips where id between ${from} and ${to}
    ) order by id, kind desc limit ${MAX_LISTED + 1}`);
}

function ambiguous(wanted: string, found: Match[]): UsageError {
  const lines = found.slice(0, MAX_LISTED).map(({ kind, id, title }) => `${id}  ${kind}${title ? `  "${title}"` : ""}`);
  if (found.length > MAX_LISTED) lines.push("and more");
  return new UsageError(
    `${shown(wanted)} is ambiguous: ${found.length > MAX_LISTED ? `more than ${MAX_LISTED}` : found.length} ids begin with it`,
    {
      code: "ambiguous_id",
      hint: lines.join("\n"),
    },
  );
}

/** Cut for a message: what was piped in may be any text. */
function shown(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100).toWellFormed()}…` : text;
}
