import type { TaskListingFilter } from "../../query/replay/list-task-ids.ts";
import { ApiRefusal, badRequest } from "./api-refusal.ts";

/** What is asked of `/producer/tasks`. */
export type Question =
  | { kind: "task"; id: string }
  | { kind: "trace"; traceId: string }
  | { kind: "listing"; filter: TaskListingFilter; page: Page };

type Page = { limit: number; offset: number };
type Json = Record<string, unknown>;

/** The API's own default for listings. */
const DEFAULT_LIMIT = 12;
/** At most so many records in one answer. */
export const MOST_RECORDS = 1000;

/** Reads the body of a request. Throws ApiRefusal. */
export function readQuestion(body: Buffer): Question {
  const json = readJson(body);
  const action = json["action"] ?? "retrieve";
  if (action === "retrieve") return readOne(json);
  if (action === "retrieve_batch") return readMany(json);
  throw badRequest("action is invalid: this mirror answers retrieve and retrieve_batch.");
}

/** Whether a body asks for tasks, rightly or not; anything else is another call. */
export function isRead(body: Buffer): boolean {
  const action = readJson(body)["action"] ?? "retrieve";
  return action === "retrieve" || action === "retrieve_batch";
}

function readJson(body: Buffer): Json {
  try {
    const json: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as Json;
  } catch {
    // Said below.
  }
  throw badRequest("The body is no JSON object.");
}

function readOne(json: Json): Question {
  const traceId = readText(json, "trace_id");
  if (traceId !== undefined) return { kind: "trace", traceId };
  const id = readText(json, "id");
  if (id === undefined) throw badRequest("id is required.");
  return { kind: "task", id };
}

function readMany(json: Json): Question {
  const traceIds = readTexts(json, "trace_ids");
  const ids = traceIds === undefined ? readTexts(json, "ids") : undefined;
  const named = ids ?? traceIds;
  const filter: TaskListingFilter = {
    ids,
    traceIds,
    userId: readText(json, "user_id"),
    applicationId: readText(json, "application_id"),
    type: readText(json, "type"),
    createdAtMin: readSeconds(json, "created_at_min"),
    createdAtMax: readSeconds(json, "created_at_max"),
  };
  const limit = Math.min(readCount(json, "limit") ?? (named ? MOST_RECORDS : DEFAULT_LIMIT), MOST_RECORDS);
  const page = { limit, offset: readCount(json, "offset") ?? 0 };
  return { kind: "listing", filter, page };
}

/** Null is the same as nothing: clients fill in fields that they do not use. */
function readText(json: Json, name: string): string | undefined {
  const value = json[name] ?? undefined;
  if (value === undefined || typeof value === "string") return value;
  throw badRequest(`${name} is invalid: it takes a text.`);
}

function readTexts(json: Json, name: string): string[] | undefined {
  const value = json[name] ?? undefined;
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every((one) => typeof one === "string"))
    throw badRequest(`${name} is invalid: it takes a list of texts.`);
  const distinct = [...new Set(value)];
  if (distinct.length > MOST_RECORDS)
    throw new ApiRefusal(400, "bad_request", `${name} is invalid: it takes at most ${MOST_RECORDS} at once.`);
  return distinct;
}

function readCount(json: Json, name: string): number | undefined {
  const value = json[name] ?? undefined;
  if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0))
    return value as number | undefined;
  throw badRequest(`${name} is invalid: it takes a whole number.`);
}

/** Seconds since 1970 with fractions, as milliseconds, rounded as the archive's own times are. */
function readSeconds(json: Json, name: string): number | undefined {
  const value = json[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value === "number") return Math.round(value * 1000);
  throw badRequest(`${name} is invalid: it takes seconds since 1970.`);
}
