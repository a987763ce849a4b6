import { selectIds, type FilterMode } from "./api-query.ts";
import { apiError } from "./error-replies.ts";
import type { Mishap } from "./mishaps.ts";
import type { RecordStore } from "./records.ts";
import type { RecordedRequest } from "./recorded-request.ts";
import { jsonReply, textReply, type Reply } from "./reply.ts";

export type ApiState = {
  records: RecordStore;
  /** The only token that is accepted; undefined: any. */
  token: string | undefined;
  filters: FilterMode;
};

/** The items of a batch (JSON texts with their ids) and the number of all that match. */
export type Batch = { items: { id: string; text: string }[]; count: number };

/** Replies to an API request as the documentation describes it, but for what `mishap` changes. */
export function apiReply(api: ApiState, request: RecordedRequest, mishap: Mishap): Reply {
  const reply = routeRequest(api, request, mishap);
  return mishap.changeReply?.(reply) ?? reply;
}

function routeRequest(api: ApiState, request: RecordedRequest, mishap: Mishap): Reply {
  if (request.method !== "POST" || request.url !== "/producer/tasks") return apiError(404);
  const refusal = refuse(api, request);
  if (refusal !== undefined) return refusal;
  switch (request.json["action"] ?? "retrieve") {
    case "retrieve":
      return retrieve(api, request);
    case "retrieve_batch":
      return retrieveBatch(api, request, mishap);
    default:
      return apiError(400, { message: "action is invalid." });
  }
}

function refuse({ token }: ApiState, { headers, body, json }: RecordedRequest): Reply | undefined {
  const given = /^Bearer (\S+)$/.exec(headers.authorization ?? "")?.[1];
  if (given === undefined) return apiError(400, { code: "no_token", message: "No token is specified." });
  if (token !== undefined && given !== token) return apiError(401);
  const isEmpty = Object.keys(json).length === 0;
  if (isEmpty && body.trim() !== "{}") return apiError(400, { message: "The body is no JSON object." });
  return undefined;
}

/** The reply for an unknown id is 200 with `{}`. */
function retrieve({ records }: ApiState, { json }: RecordedRequest): Reply {
  const id = json["id"];
  if (typeof id !== "string") return apiError(400, { message: "id is required." });
  return textReply(200, "application/json", records.fetch(id) ?? "{}");
}

/** Unknown ids are left out; `count` is the number of all that match. */
function retrieveBatch(api: ApiState, { json }: RecordedRequest, mishap: Mishap): Reply {
  if (api.filters === "refused" && !Array.isArray(json["ids"])) {
    return apiError(400, { message: "ids is required." });
  }
  const { ids, total } = selectIds(api.records, json, api.filters);
  const selected: Batch = { items: ids.map((id) => ({ id, text: api.records.fetch(id) ?? "{}" })), count: total };
  const { items, count } = mishap.changeBatch?.(selected) ?? selected;
  if (items.length === 0) return jsonReply(200, { items: [], count });
  return textReply(200, "application/json", `{"items":[${items.map(({ text }) => text).join(",")}],"count":${count}}`);
}
