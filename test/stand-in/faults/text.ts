import { withHeader, type Reply } from "../../../src/demo/service/reply.ts";
import type { Fault } from "./faults.ts";

/** The API response with its text damaged. */
export function damageText(reply: Reply, faults: Fault[]): Reply {
  return faults.reduce(damageOnce, reply);
}

function damageOnce(reply: Reply, fault: Fault): Reply {
  switch (fault.kind) {
    case "cut-json":
      return { ...reply, body: reply.body.subarray(0, Math.floor(reply.body.length * (fault.keep ?? 0.5))) };
    case "bom":
      return { ...reply, body: Buffer.concat([Buffer.from("efbbbf", "hex"), reply.body]) };
    case "latin1":
      return { ...reply, body: Buffer.from(reply.body.toString("utf8"), "latin1") };
    case "content-type":
      return withHeader(reply, "Content-Type", ...(fault.value === undefined ? [] : [fault.value]));
    default:
      return reply;
  }
}
