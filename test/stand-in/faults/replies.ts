import { parseAssetPath } from "../../../src/demo/library/asset-path.ts";
import { CONTENT_TYPES } from "../../../src/demo/service/asset-bytes.ts";
import type { RecordedRequest } from "../../../src/demo/service/recorded-request.ts";
import { textReply, type Header, type Reply } from "../../../src/demo/service/reply.ts";
import { errorReply } from "./error-styles.ts";
import type { ReplyFault, Fault } from "./faults.ts";
import { junkBody } from "./junk.ts";

/** The reply that a fault sends instead of the correct one, or undefined. */
export function faultyReply(faults: Fault[], request: RecordedRequest): Reply | undefined {
  for (const fault of faults) {
    const reply = replyFor(fault, request);
    if (reply !== undefined) return reply;
  }
  return nextHop(request);
}

function replyFor(fault: Fault, request: RecordedRequest): Reply | undefined {
  switch (fault.kind) {
    case "status":
      return statusReply(fault, request);
    case "redirect":
      return redirect(fault.to, fault.status);
    case "redirect-loop":
      return nextHop(request) ?? redirect(hopUrl(request, 1, fault.hops ?? Infinity), fault.status);
    case "empty":
      return textReply(fault.status ?? 200, fault.type ?? expectedType(request), "");
    case "junk":
      return textReply(200, fault.type ?? expectedType(request), junkBody(fault.what, fault.link).body);
    case "body":
      return textReply(fault.status ?? 200, fault.type ?? expectedType(request), fault.body);
    case "deep":
      return textReply(200, "application/json", deepBody(request, fault.depth));
    case "many-items":
      return textReply(
        200,
        "application/json",
        `{"items":[{}${",{}".repeat(fault.count - 1)}],"count":${fault.count}}`,
      );
    default:
      return undefined;
  }
}

function statusReply(fault: ReplyFault & { kind: "status" }, request: RecordedRequest): Reply {
  const style = fault.style ?? (request.server === "api" ? "gateway" : "gcs");
  const reply = errorReply(fault.status, style, fault);
  const retryAfter = [fault.retryAfter ?? []].flat().map((value): Header => ["Retry-After", value]);
  return { ...reply, headers: [...reply.headers, ...retryAfter, ...(fault.headers ?? [])] };
}

function redirect(to: string, status = 302): Reply {
  return { status, headers: [["Location", to]], body: Buffer.alloc(0) };
}

/** A request inside a redirect loop: leads to the next hop until the loop ends. */
function nextHop(request: RecordedRequest): Reply | undefined {
  const [, hop, of] = /[?&]hop=(\d+)&of=(\d+|Infinity)/.exec(request.url) ?? [];
  if (hop === undefined || Number(hop) >= Number(of)) return undefined;
  return redirect(hopUrl(request, Number(hop) + 1, Number(of)));
}

function hopUrl(request: RecordedRequest, hop: number, of: number): string {
  return `${request.url.split("?")[0] ?? ""}?hop=${hop}&of=${of}`;
}

function deepBody(request: RecordedRequest, depth: number): string {
  const item = `{"id":"${request.ids[0] ?? ""}","response":${"[".repeat(depth)}${"]".repeat(depth)}}`;
  return request.json["action"] === "retrieve_batch" ? `{"items":[${item}],"count":1}` : item;
}

function expectedType(request: RecordedRequest): string {
  if (request.server === "api") return "application/json";
  const name = parseAssetPath(request.url.split("?")[0] ?? "");
  return name === undefined ? "application/octet-stream" : CONTENT_TYPES[name.kind];
}
