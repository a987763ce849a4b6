import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Exchange } from "../../../src/demo/service/mishaps.ts";
import { headerOf, type Reply } from "../../../src/demo/service/reply.ts";
import type { DeliveryFault, Fault } from "./faults.ts";
import { sendEndless, sendHuge, sendSlowly } from "./long-bodies.ts";

type Framing = "length" | "none" | "chunked" | "http10";

/** What is written must have reached the client before the connection is reset. */
const FLUSH_MS = 20;

const KINDS = new Set<Fault["kind"]>([
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

/** True of a fault that needs `deliverBadly`. */
export function isDeliveryFault(fault: Fault): fault is DeliveryFault {
  return KINDS.has(fault.kind);
}

/** Writes to the socket directly what Node's own server would not: wrong lengths, partial bodies, nothing. */
export async function deliverBadly({ request, reply, signal }: Exchange, fault: DeliveryFault): Promise<void> {
  const { socket } = request;
  if (socket.destroyed) return;
  const gone = AbortSignal.any([signal, closeSignal(socket)]);
  switch (fault.kind) {
    case "hang":
      return;
    case "hang-after-headers":
      socket.write(head(reply, "length"));
      return;
    case "stall":
      socket.write(head(reply, "length"));
      socket.write(reply.body.subarray(0, bytesOf(fault.after, reply)));
      return;
    case "cut":
      return cut(socket, reply, fault.framing ?? "length", bytesOf(fault.after, reply));
    case "no-length":
      return whole(socket, reply, fault.framing ?? "none");
    case "reset":
      return reset(socket, reply, fault.after);
    case "length":
      socket.write(head(reply, "length", reply.body.length + fault.by));
      return end(socket, reply.body);
    case "slow":
      socket.write(head(reply, "length"));
      return sendSlowly(socket, reply.body, fault.bytesPerSecond, gone);
    case "endless":
      socket.write(head(reply, "none"));
      return sendEndless(socket, reply.body, gone);
    case "huge":
      socket.write(head(reply, fault.declared === true ? "length" : "none", reply.body.length + fault.bytes));
      return sendHuge(socket, reply, fault.bytes, gone);
    default:
      throw new Error(`no way to deliver ${fault.kind}`);
  }
}

function cut(socket: Socket, reply: Reply, framing: Framing, bytes: number): Promise<void> {
  const start = reply.body.subarray(0, bytes);
  socket.write(head(reply, framing));
  return end(socket, framing === "chunked" ? chunk(start) : start);
}

function whole(socket: Socket, reply: Reply, framing: Framing): Promise<void> {
  socket.write(head(reply, framing));
  const last = framing === "chunked" ? Buffer.concat([chunk(reply.body), Buffer.from("0\r\n\r\n")]) : reply.body;
  return end(socket, last);
}

async function reset(socket: Socket, reply: Reply, after: number | undefined): Promise<void> {
  if (after !== undefined) {
    socket.write(head(reply, "length"));
    socket.write(reply.body.subarray(0, bytesOf(after, reply)));
    await sleep(FLUSH_MS);
  }
  socket.resetAndDestroy();
}

/** Closes with a clean FIN, so that only the framing shows that something is wrong. */
function end(socket: Socket, last: Buffer): Promise<void> {
  return new Promise((resolve) => {
    socket.once("close", () => resolve());
    socket.end(last);
  });
}

function head(reply: Reply, framing: Framing, length = reply.body.length): string {
  const lines = reply.headers.map(([name, value]) => `${name}: ${value}`);
  if (framing === "length") lines.push(`Content-Length: ${length}`);
  if (framing === "chunked") lines.push("Transfer-Encoding: chunked");
  if (headerOf(reply, "date") === undefined) lines.push(`Date: ${new Date().toUTCString()}`);
  if (framing !== "http10") lines.push("Connection: close");
  const version = framing === "http10" ? "1.0" : "1.1";
  return `HTTP/${version} ${reply.status} ${STATUS_CODES[reply.status] ?? "?"}\r\n${lines.join("\r\n")}\r\n\r\n`;
}

function chunk(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from("\r\n")]);
}

function bytesOf(after: number, { body }: Reply): number {
  return after < 1 ? Math.floor(body.length * after) : after;
}

function closeSignal(socket: Socket): AbortSignal {
  const controller = new AbortController();
  socket.once("close", () => controller.abort());
  return controller.signal;
}
