import type { Database } from "../../db/connection.ts";
import { IS_PURGED, NEWEST_FIRST } from "./find-documents.ts";

/** Which tasks a listing is about; what is undefined does not narrow it. Times are milliseconds UTC, both inclusive. */
export type TaskListingFilter = {
  ids?: string[] | undefined;
  traceIds?: string[] | undefined;
  userId?: string | undefined;
  applicationId?: string | undefined;
  type?: string | undefined;
  createdAtMin?: number | undefined;
  createdAtMax?: number | undefined;
};

/** `count`: of all that match. */
export type ListedTaskIds = { ids: string[]; count: number };

const CONDITIONS: { readonly [Name in keyof TaskListingFilter]-?: string } = {
  ids: "tasks.id in (select lower(value) from json_each(@ids))",
  traceIds: "trace_id in (select value from json_each(@traceIds))",
  userId: "user_id = @userId",
  applicationId: "application_id = @applicationId",
  type: "tasks.type = @type",
  createdAtMin: "tasks.created_at >= @createdAtMin",
  createdAtMax: "tasks.created_at <= @createdAtMax",
};

/** The ids of a part of the tasks that have a record, the newest first. Reads all that match. */
export function listTaskIds(
  db: Database,
  filter: TaskListingFilter,
  page: { limit: number; offset: number },
): ListedTaskIds {
  const names = (Object.keys(CONDITIONS) as (keyof TaskListingFilter)[]).filter((name) => filter[name] !== undefined);
  const where = [
    "exists (select 1 from task_documents as saved where saved.task_id = tasks.id and saved.kind = 'record')",
    `not (${IS_PURGED})`,
    ...names.map((name) => CONDITIONS[name]),
  ].join(" and ");
  const words = Object.fromEntries(
    names.map((name) => [name, Array.isArray(filter[name]) ? JSON.stringify(filter[name]) : filter[name]]),
  );
  const ids = db.$client
    .prepare<[object], string>(
      `select tasks.id from tasks where ${where} order by ${NEWEST_FIRST} limit @limit offset @offset`,
    )
    .pluck()
    .all({ ...words, ...page });
  const count = db.$client.prepare<[object], number>(`select count(*) from tasks where ${where}`).pluck().get(words);
  return { ids, count: count ?? 0 };
}
