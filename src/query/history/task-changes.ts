import { and, asc, eq, gte, inArray, lt, or, sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { taskDocuments, tasks, type TaskDocumentRow, type TaskRow } from "../../db/schema.ts";
import { mapRecord } from "../../record/map.ts";
import { readRecord, readResult } from "../../record/wire.ts";
import type { Change } from "./change.ts";
import { isoTime } from "../../lib/time/dates.ts";
import { differences, type Difference } from "./differences.ts";
import { stateRank } from "../../record/state-words.ts";

const PIECE = 500;
const NAMED = 3;

/**
 * Tasks whose columns changed since `since`: first answered (new), settled (finished), better than a failure (healed), or
 * otherwise changed. What a task was before is read from its kept versions.
 */
export function taskChanges(db: Database, since: number): Change[] {
  const touched = or(gte(tasks.updatedAt, since), gte(tasks.firstSeenAt, since));
  // The + keeps SQLite from going through all tasks in this order instead of taking the few from their two indexes.
  const rows = db
    .select()
    .from(tasks)
    .where(touched)
    .orderBy(sql`+${tasks.updatedAt}`, asc(tasks.id))
    .all();
  const known = rows.filter((row) => row.firstSeenAt < since).map(({ id }) => id);
  const before = new Map<string, TaskDocumentRow>();
  const after = new Map<string, TaskDocumentRow>();
  for (let at = 0; at < known.length; at += PIECE) {
    const ids = known.slice(at, at + PIECE);
    for (const one of older(db, ids, since)) if (stands(before.get(one.taskId), one)) before.set(one.taskId, one);
    for (const one of current(db, ids)) after.set(one.taskId, one);
  }
  return rows.map((row) => toChange(row, before.get(row.id), after.get(row.id)));
}

function older(db: Database, ids: string[], since: number): TaskDocumentRow[] {
  const kept = and(inArray(taskDocuments.taskId, ids), lt(taskDocuments.fetchedAt, since));
  return db
    .select()
    .from(taskDocuments)
    .where(kept)
    .orderBy(asc(taskDocuments.taskId), asc(taskDocuments.version))
    .all();
}

function current(db: Database, ids: string[]): TaskDocumentRow[] {
  const { taskId, version, kind, fetchedAt, sha256, document } = taskDocuments;
  return db
    .select({ taskId, version, kind, fetchedAt, sha256, document })
    .from(taskDocuments)
    .innerJoin(tasks, and(eq(tasks.id, taskId), eq(tasks.documentVersion, version)))
    .where(inArray(taskId, ids))
    .all();
}

/** The version that stood: the newest of the richest, a record before a result. */
function stands(best: TaskDocumentRow | undefined, next: TaskDocumentRow): boolean {
  if (!best) return true;
  const [one, other] = [stateRank(stateOf(best)), stateRank(stateOf(next))];
  if (one !== other) return other > one;
  return best.kind === next.kind || next.kind === "record";
}

function stateOf({ taskId, kind, document }: TaskDocumentRow): string {
  const reading = kind === "record" ? readRecord(document) : readResult(taskId, document);
  return "record" in reading ? mapRecord(reading.record, kind === "result").task.state : "pending";
}

function toChange(row: TaskRow, before: TaskDocumentRow | undefined, after: TaskDocumentRow | undefined): Change {
  const { id, state, firstSeenAt, updatedAt } = row;
  const common = { kind: "task", id, taskId: id, title: row.title ?? row.prompt, certain: true } as const;
  if (!before || !after) return { change: "new", ...common, at: isoTime(firstSeenAt), detail: state };
  const was = stateOf(before);
  const change = was === "pending" && state !== "pending" ? "finished" : improved(was, state) ? "healed" : "changed";
  const detail = was === state ? differing(differences(before.document, after.document)) : `${was} → ${state}`;
  return { change, ...common, at: isoTime(updatedAt), detail };
}

/** It had failed, in whole or in part, and is better now. */
function improved(was: string, state: string): boolean {
  return was !== "pending" && stateRank(state) > stateRank(was);
}

function differing(found: Difference[]): string {
  if (found.length === 0) return "an earlier version stands again";
  if (found.every(({ change }) => change === "rotated")) return "only addresses rotated";
  const told = found.filter(({ change }) => change !== "rotated").map(({ path }) => path);
  const more = told.length > NAMED ? ` and ${told.length - NAMED} more` : "";
  return `${told.slice(0, NAMED).join(", ")}${more}`;
}
