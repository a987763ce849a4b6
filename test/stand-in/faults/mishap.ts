import type { Exchange, Mishap } from "../../../src/demo/service/mishaps.ts";
import type { RecordedRequest } from "../../../src/demo/service/recorded-request.ts";
import { withHeader, type Reply } from "../../../src/demo/service/reply.ts";
import { sendReply } from "../../../src/demo/service/send-reply.ts";
import { deliverBadly, isDeliveryFault } from "./delivery.ts";
import { encodeReply } from "./encoding.ts";
import type { Fault } from "./faults.ts";
import { damageHeaders } from "./headers.ts";
import { damageItems } from "./items.ts";
import { damageObject, versionOf, withFlippedBit } from "./object.ts";
import { changeRange } from "./range.ts";
import { faultyReply } from "./replies.ts";
import { damageText } from "./text.ts";

/** What the faults that hit a request make of each step of the service. `date` is the value of the Date header. */
export function mishapOf(faults: Fault[], request: RecordedRequest, date: string | undefined): Mishap {
  const reply = faultyReply(faults, request);
  const delays = faults.flatMap((fault) => (fault.kind === "delay" ? [fault.ms] : []));
  return {
    ...(delays.length > 0 && { delay: delays.reduce((sum, ms) => sum + ms) }),
    ...(reply !== undefined && { reply }),
    version: versionOf(faults),
    changeBatch: (batch) => damageItems(batch, faults),
    changeObject: (object) => damageObject(object, faults),
    changeRange: (range, size) => changeRange(range, size, faults),
    changeReply: (correct) => (request.server === "api" ? damageText(correct, faults) : damageHeaders(correct, faults)),
    async send(exchange) {
      const dated = date === undefined ? exchange.reply : withHeader(exchange.reply, "Date", date);
      await deliver({ ...exchange, reply: faults.reduce(damageBytes, dated) }, faults);
    },
  };
}

function damageBytes(reply: Reply, fault: Fault): Reply {
  if (fault.kind === "corrupt") return { ...reply, body: withFlippedBit(reply.body, fault.at) };
  return fault.kind === "encoded" ? encodeReply(reply, fault) : reply;
}

async function deliver(exchange: Exchange, faults: Fault[]): Promise<void> {
  const fault = faults.find(isDeliveryFault);
  if (fault === undefined) sendReply(exchange);
  else await deliverBadly(exchange, fault);
}
