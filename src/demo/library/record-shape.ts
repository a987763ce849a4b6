import { uuidOf, objectIdOf } from "./ids.ts";
import type { TaskRecord } from "./library-types.ts";

export type TaskType = "audios" | "lyrics" | "upload" | "wav" | "videos";

/** The ids that the service has for its endpoints. */
const API_IDS: Record<TaskType, string> = {
  audios: "01d96900-9f8c-41d7-814c-95c7a885ba61",
  lyrics: "2f636fdb-faa4-4308-8cef-9258dd14fd90",
  upload: "91fcbb81-8bc9-4ed4-bdfa-0f296b2fec9d",
  wav: "e7cad274-9c48-494c-b7e3-fc1556eea827",
  videos: "5e06cbdd-ba7d-456d-a211-e3f242adec82",
};

export const USER_ID = uuidOf("demo user");
export const APPLICATION_ID = uuidOf("demo application");
export const CREDENTIAL_ID = uuidOf("demo credential");

export type TaskPlan = {
  id: string;
  type: TaskType;
  request: Record<string, unknown>;
  /** Without: the record has no `response` yet. */
  response?: Record<string, unknown>;
  /** Seconds since the epoch, with fractions. */
  createdAt: number;
  /** Seconds that it took. Without: not finished. */
  elapsed?: number;
};

/** Since then records have `started_at` and `elapsed` in place of `duration`. */
const NEW_FORM_SINCE = Date.UTC(2026, 3, 1) / 1000;

/** A record as `POST /producer/tasks` gives it, with its fields in the order of the published example. */
export function taskRecord(plan: TaskPlan): TaskRecord {
  const { id, createdAt } = plan;
  return {
    _id: objectIdOf(id, createdAt),
    id,
    api_id: API_IDS[plan.type],
    application_id: APPLICATION_ID,
    created_at: createdAt,
    credential_id: CREDENTIAL_ID,
    request: plan.request,
    trace_id: uuidOf(`trace ${id}`),
    type: plan.type,
    user_id: USER_ID,
    ...(plan.response && { response: plan.response }),
    ...times(plan),
  };
}

function times({ createdAt, elapsed }: TaskPlan): Record<string, unknown> {
  const startedAt = milliseconds(createdAt + 0.06);
  if (createdAt >= NEW_FORM_SINCE) {
    const finished = elapsed === undefined ? {} : { finished_at: milliseconds(startedAt + elapsed), elapsed };
    return { started_at: startedAt, ...finished };
  }
  if (elapsed === undefined) return {};
  const finishedAt = milliseconds(createdAt + elapsed);
  return { duration: finishedAt - createdAt, finished_at: finishedAt };
}

export function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
