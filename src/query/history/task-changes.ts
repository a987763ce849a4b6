import { and, asc, eq, gte, inArray, lt, or, sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { taskDocuments, tasks, type TaskDocumentRow, type TaskRow } from "../../db/schema.ts";
import { mapRecord } from "../../record/map.ts";
import { readRecord, readResult } from "../../record/wire.ts";
import type { Change } from "./change.ts";
import { isoTime } from "../../lib/time/dates.ts";
import { differences, type Difference } from "./differences.ts";
import { stateRank } from "../../record/state-words.ts";

const BATCH = 500;
const MAX_NAMED = 3;

/**
 * Tasks whose columns changed since `since` (milliseconds UTC): with a first record (new), ended (finished), better after
 * a failure (healed), or otherwise changed. The earlier state of a task is read from its saved versions.
 */
export function taskChanges(db: Database, since: number): Change[] {
  const touched = or(gte(tasks.updatedAt, since), gte(tasks.firstSeenAt, since));
  // `+` keeps SQLite from scanning all tasks in this order instead of reading the few from their two indexes.
  const { id, state, firstSeenAt, updatedAt } = tasks;
  const title = sql<string | null>`coalesce(${tasks.title}, ${tasks.prompt})`;
  const rows = db
    .select({ id, state, firstSeenAt, updatedAt, title })
    .from(tasks)
    .where(touched)
    .orderBy(sql`+${tasks.updatedAt}`, asc(tasks.id))
    .all();
  const known = rows.filter((row) => row.firstSeenAt < since).map((row) => row.id);
  const before = new Map<string, TaskDocumentRow>();
  const after = new Map<string, TaskDocumentRow>();
  for (let at = 0; at < known.length; at += BATCH) {
    const ids = known.slice(at, at + BATCH);
    for (const one of versionsBefore(db, ids, since))
      if (isBetter(one, before.get(one.taskId))) before.set(one.taskId, one);
    for (const one of currentVersions(db, ids)) after.set(one.taskId, one);
  }
  return rows.map((row) => toChange(row, before.get(row.id), after.get(row.id)));
}

function versionsBefore(db: Database, ids: string[], since: number): TaskDocumentRow[] {
  const earlier = and(inArray(taskDocuments.taskId, ids), lt(taskDocuments.fetchedAt, since));
  return db
    .select()
    .from(taskDocuments)
    .where(earlier)
    .orderBy(asc(taskDocuments.taskId), asc(taskDocuments.version))
    .all();
}

function currentVersions(db: Database, ids: string[]): TaskDocumentRow[] {
  const { taskId, version, kind, fetchedAt, sha256, document } = taskDocuments;
  return db
    .select({ taskId, version, kind, fetchedAt, sha256, document })
    .from(taskDocuments)
    .innerJoin(tasks, and(eq(tasks.id, taskId), eq(tasks.documentVersion, version)))
    .where(inArray(taskId, ids))
    .all();
}

/** Whether `next` was the current version rather than `best`: the newest of those in the best state, a record before a result. */
function isBetter(next: TaskDocumentRow, best: TaskDocumentRow | undefined): boolean {
  if (!best) return true;
  const [one, other] = [stateRank(stateOf(best)), stateRank(stateOf(next))];
  if (one !== other) return other > one;
  return best.kind === next.kind || next.kind === "record";
}

function stateOf({ taskId, kind, document }: TaskDocumentRow): string {
  const reading = kind === "record" ? readRecord(document) : readResult(taskId, document);
  return "record" in reading ? mapRecord(reading.record, kind === "result").task.state : "pending";
}

type TouchedTask = Pick<TaskRow, "id" | "state" | "firstSeenAt" | "updatedAt" | "title">;

function toChange(row: TouchedTask, before: TaskDocumentRow | undefined, after: TaskDocumentRow | undefined): Change {
  const { id, state, firstSeenAt, updatedAt, title } = row;
  const common = { kind: "task", id, taskId: id, title, certain: true } as const;
  if (!before || !after) return { change: "new", ...common, at: isoTime(firstSeenAt), detail: state };
  const was = stateOf(before);
  const change = was === "pending" && state !== "pending" ? "finished" : improved(was, state) ? "healed" : "changed";
  const detail = was === state ? describe(differences(before.document, after.document)) : `${was} → ${state}`;
  return { change, ...common, at: isoTime(updatedAt), detail };
}

/** True when it had failed, in whole or in part, and is in a better state now. */
function improved(was: string, state: string): boolean {
  return was !== "pending" && stateRank(state) > stateRank(was);
}

function describe(found: Difference[]): string {
  if (found.length === 0) return "an earlier version is current again";
  if (found.every(({ change }) => change === "rotated")) return "only URLs rotated";
  const paths = found.filter(({ change }) => change !== "rotated").map(({ path }) => path);
  const more = paths.length > MAX_NAMED ? ` and ${paths.length - MAX_NAMED} more` : "";
  return `${paths.slice(0, MAX_NAMED).join(", ")}${more}`;
}
