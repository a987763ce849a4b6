import { selectIds, type FilterMode } from "./api-query.ts";
import { errorReply } from "./error-replies.ts";
import { damageItems } from "../faults/fault-items.ts";
import type { Fault } from "../faults/faults.ts";
import type { RecordBook } from "./records.ts";
import type { RecordedRequest } from "./recorded-request.ts";
import { jsonReply, textReply, type Reply } from "./reply.ts";

export type Api = {
  records: RecordBook;
  /** The only token that is let in; undefined: any. */
  token: string | undefined;
  filters: FilterMode;
  /** The nth record of somebody else, for the fault that slips some in. */
  stranger(n: number): { id: string; text: string };
};

/** Answers one API request as the documentation says; `faults` may change the items of a batch. */
export function apiReply(api: Api, request: RecordedRequest, faults: Fault[]): Reply {
  if (request.method !== "POST" || request.url !== "/producer/tasks") return errorReply(404, "gateway");
  const refusal = refuse(api, request);
  if (refusal !== undefined) return refusal;
  switch (request.json["action"] ?? "retrieve") {
    case "retrieve":
      return retrieve(api, request);
    case "retrieve_batch":
      return retrieveBatch(api, request, faults);
    default:
      return errorReply(400, "gateway", { message: "action is invalid." });
  }
}

function refuse({ token }: Api, { headers, body, json }: RecordedRequest): Reply | undefined {
  const given = /^Bearer (\S+)$/.exec(headers.authorization ?? "")?.[1];
  if (given === undefined) return errorReply(400, "gateway", { code: "no_token", message: "No token is specified." });
  if (token !== undefined && given !== token) return errorReply(401, "gateway");
  const isEmpty = Object.keys(json).length === 0;
  if (isEmpty && body.trim() !== "{}") return errorReply(400, "gateway", { message: "The body is no JSON object." });
  return undefined;
}

/** An unknown id is answered with 200 and `{}`. */
function retrieve({ records }: Api, { json }: RecordedRequest): Reply {
  const id = json["id"];
  if (typeof id !== "string") return errorReply(400, "gateway", { message: "id is required." });
  return textReply(200, "application/json", records.answer(id) ?? "{}");
}

/** Unknown ids are left out; `count` is the number of all that match. */
function retrieveBatch(api: Api, { json }: RecordedRequest, faults: Fault[]): Reply {
  if (api.filters === "refused" && !Array.isArray(json["ids"])) {
    return errorReply(400, "gateway", { message: "ids is required." });
  }
  const { ids, total } = selectIds(api.records, json, api.filters);
  const items = ids.map((id) => ({ id, text: api.records.answer(id) ?? "{}" }));
  const batch = damageItems({ items, count: total }, faults, api.stranger);
  if (batch.items.length === 0) return jsonReply(200, { items: [], count: batch.count });
  const text = batch.items.map((item) => item.text).join(",");
  return textReply(200, "application/json", `{"items":[${text}],"count":${batch.count}}`);
}
