import type { IncomingMessage, ServerResponse } from "node:http";
import { deliverBadly } from "../faults/deliver-badly.ts";
import { encodeReply } from "../faults/fault-encoding.ts";
import { withFlippedBit } from "../faults/fault-object.ts";
import type { DeliveryFault, Fault } from "../faults/faults.ts";
import type { Reply } from "./reply.ts";

const ON_THE_WAY = new Set<Fault["kind"]>([
  "hang",
  "hang-after-headers",
  "stall",
  "slow",
  "cut",
  "no-length",
  "reset",
  "length",
  "endless",
  "huge",
] as const);

/** Sends a reply, or what the faults of the way leave of it. Ends when the answer is out or the other side has gone. */
export async function deliver(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  faults: Fault[],
  signal: AbortSignal,
): Promise<void> {
  const ready = faults.reduce(damageBytes, reply);
  const bad = faults.find((fault): fault is DeliveryFault => ON_THE_WAY.has(fault.kind));
  if (bad !== undefined) return deliverBadly(request, ready, bad, signal);
  const headers = [...ready.headers, ...lengthHeader(ready)].flat();
  response.writeHead(ready.status, headers);
  response.end(request.method === "HEAD" ? undefined : ready.body);
}

function damageBytes(reply: Reply, fault: Fault): Reply {
  if (fault.kind === "corrupt") return { ...reply, body: withFlippedBit(reply.body, fault.at) };
  return fault.kind === "encoded" ? encodeReply(reply, fault) : reply;
}

/** RFC 9110 8.6: none with 204 and 304. */
function lengthHeader({ status, body }: Reply): [string, string][] {
  return status === 204 || status === 304 ? [] : [["Content-Length", String(body.length)]];
}
