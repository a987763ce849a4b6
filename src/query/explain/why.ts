import { and, asc, eq } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import {
  assets,
  clips,
  taskClips,
  taskDocuments,
  tasks,
  trackedTasks,
  type AssetRow,
  type ClipRow,
} from "../../db/schema.ts";
import type { AssetKind } from "../../lib/asset-kinds.ts";
import { LONGEST_GONE_WAIT_MS, LONGEST_WAIT_MS, plannedAt } from "../../record/schedule.ts";
import { isoTime } from "../../lib/time/dates.ts";
import { findId } from "../find-id.ts";
import { shownStateOf, type ShownState } from "../shown-state.ts";
import { clipSentences } from "./why-clip.ts";
import { fileSentences } from "./why-file.ts";
import { taskNext, taskSentences, type TaskFacts } from "./why-task.ts";

/** The facts behind the sentences. Times are ISO 8601. */
export type Evidence = {
  /** The name of the rule, as in `tasks.state_reason`. */
  reason: string | null;
  documentVersion: number | null;
  documentSha256: string | null;
  fetchedAt: string | null;
  traceId: string | null;
  errorCode: string | null;
  errorMessage: string | null;
  attempts: number;
  notSeen: number;
  lastCheckedAt: string | null;
  lastError: string | null;
  missingSince: string | null;
  nextCheckAt: string | null;
};

export type WhyFile = {
  kind: string;
  clipId: string | null;
  state: string;
  sentences: string[];
  url: string;
  path: string | null;
  httpStatus: number | null;
  lastError: string | null;
  attempts: number;
  misses: number;
  firstMissAt: string | null;
  nextAttemptAt: string | null;
  sha256: string | null;
  proof: string | null;
};

/** The explanation of a state: what happened, what is tried next, and the files one by one. */
export type Why = {
  kind: "task" | "clip";
  id: string;
  taskId: string;
  title: string | null;
  state: string;
  /** The state of the task as people read it. */
  shownState: ShownState;
  sentences: string[];
  /** For a clip, the task that first brought it; null for a task. `next` is what happens next to that task. */
  task: { state: string; sentences: string[] } | null;
  next: string;
  evidence: Evidence;
  files: WhyFile[];
};

export type WhyOptions = {
  /** The kinds of file that are mirrored. */
  kinds: AssetKind[];
  /** Milliseconds UTC. */
  now: number;
};

/** Explains the state of the task or clip with an id or the beginning of one. Throws UsageError. */
export function why(db: Database, text: string, { kinds, now }: WhyOptions): Why {
  const { kind, id } = findId(db, text);
  const clip = kind === "clip" ? db.select().from(clips).where(eq(clips.id, id)).get() : undefined;
  const facts = factsOf(db, clip?.taskId ?? id);
  const state = facts.task?.state ?? facts.tracked?.state ?? "pending";
  const sentences = taskSentences(facts, now);
  return {
    kind,
    id,
    taskId: facts.id,
    title: (clip ?? facts.task)?.title ?? null,
    state: clip?.state ?? state,
    shownState: shownStateOf(db, facts.id),
    sentences: clip ? clipSentences(clip, tasksShowing(db, clip)) : sentences,
    task: clip ? { state, sentences } : null,
    next: taskNext(withPlan(facts, now)),
    evidence: evidenceOf(db, facts),
    files: filesOf(db, kind, id).map((file) => toFile(file, kinds, now)),
  };
}

function factsOf(db: Database, id: string): TaskFacts {
  const documents = db
    .select({ version: taskDocuments.version, kind: taskDocuments.kind, fetchedAt: taskDocuments.fetchedAt })
    .from(taskDocuments)
    .where(eq(taskDocuments.taskId, id))
    .all();
  return {
    id,
    task: db.select().from(tasks).where(eq(tasks.id, id)).get(),
    tracked: db.select().from(trackedTasks).where(eq(trackedTasks.taskId, id)).get(),
    documents,
  };
}

function tasksShowing(db: Database, { id }: ClipRow): string[] {
  const rows = db.select({ taskId: taskClips.taskId }).from(taskClips).where(eq(taskClips.clipId, id)).all();
  return rows.map(({ taskId }) => taskId);
}

/** The files of a clip; for a task all files that its record named, of any clip. */
function filesOf(db: Database, kind: Why["kind"], id: string): AssetRow[] {
  const which = kind === "clip" ? eq(assets.clipId, id) : eq(assets.taskId, id);
  return db.select().from(assets).where(which).orderBy(asc(assets.id)).all();
}

function evidenceOf(db: Database, { id, task, tracked }: TaskFacts): Evidence {
  const document = task
    ? db
        .select({ sha256: taskDocuments.sha256, fetchedAt: taskDocuments.fetchedAt })
        .from(taskDocuments)
        .where(and(eq(taskDocuments.taskId, id), eq(taskDocuments.version, task.documentVersion)))
        .get()
    : undefined;
  return {
    reason: task?.stateReason ?? null,
    documentVersion: task?.documentVersion ?? null,
    documentSha256: document?.sha256 ?? null,
    fetchedAt: isoTime(document?.fetchedAt),
    traceId: task?.traceId ?? null,
    errorCode: task?.errorCode ?? null,
    errorMessage: task?.errorMessage ?? null,
    attempts: tracked?.attempts ?? 0,
    notSeen: tracked?.notSeen ?? 0,
    lastCheckedAt: isoTime(tracked?.lastCheckedAt),
    lastError: tracked?.lastError ?? null,
    missingSince: isoTime(tracked?.missingSince),
    nextCheckAt: isoTime(tracked?.nextCheckAt),
  };
}

function withPlan(facts: TaskFacts, now: number): TaskFacts {
  const { tracked } = facts;
  return tracked ? { ...facts, tracked: { ...tracked, nextCheckAt: plannedAt(tracked.nextCheckAt, now) } } : facts;
}

function toFile(file: AssetRow, kinds: AssetKind[], now: number): WhyFile {
  const longest = file.state === "gone" ? LONGEST_GONE_WAIT_MS : LONGEST_WAIT_MS;
  const { kind, clipId, state, url, path, httpStatus, lastError, attempts, misses, sha256, proof } = file;
  return {
    kind,
    clipId,
    state: file.removedAt === null ? state : "removed",
    sentences: fileSentences({ ...file, nextAttemptAt: plannedAt(file.nextAttemptAt, now, longest) }, kinds),
    url,
    path,
    httpStatus,
    lastError,
    attempts,
    misses,
    firstMissAt: isoTime(file.firstMissAt),
    nextAttemptAt: isoTime(file.nextAttemptAt),
    sha256,
    proof,
  };
}
