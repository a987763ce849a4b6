import { once } from "node:events";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { headerOf, type Reply } from "../../../src/demo/service/reply.ts";

const ZEROS = Buffer.alloc(64 * 1024);
const SPACES = Buffer.alloc(64 * 1024, " ");
const TICK_MS = 50;

/** The body at an even, low rate, at least one byte at a time. */
export async function sendSlowly(
  socket: Socket,
  body: Buffer,
  bytesPerSecond: number,
  gone: AbortSignal,
): Promise<void> {
  const pause = Math.max(TICK_MS, 1000 / bytesPerSecond);
  const step = Math.max(1, Math.round((bytesPerSecond * pause) / 1000));
  for (let position = 0; position < body.length; position += step) {
    if (!(await wait(pause, gone))) return;
    socket.write(body.subarray(position, position + step));
  }
  socket.end();
}

/** The body, then zeros until the other side closes the connection. */
export async function sendEndless(socket: Socket, body: Buffer, gone: AbortSignal): Promise<void> {
  let isOpen = await write(socket, body, gone);
  while (isOpen) isOpen = await write(socket, ZEROS, gone);
}

/** The body made longer by `bytes`: JSON gets spaces before its last character, files get zeros at the end. */
export async function sendHuge(socket: Socket, reply: Reply, bytes: number, gone: AbortSignal): Promise<void> {
  const isJson = headerOf(reply, "content-type")?.startsWith("application/json") === true;
  const position = isJson ? reply.body.length - 1 : reply.body.length;
  const filler = isJson ? SPACES : ZEROS;
  let isOpen = await write(socket, reply.body.subarray(0, position), gone);
  for (let left = bytes; left > 0 && isOpen; left -= filler.length) {
    isOpen = await write(socket, filler.subarray(0, Math.min(left, filler.length)), gone);
  }
  if (isOpen) socket.end(reply.body.subarray(position));
}

/**
 * Waits while the other side does not read, so that the stand-in's own memory stays flat. False when the connection is
 * closed. The socket itself is checked: its `close` event comes later, or never during a loop over writes.
 */
async function write(socket: Socket, bytes: Buffer, gone: AbortSignal): Promise<boolean> {
  if (gone.aborted || socket.destroyed) return false;
  if (socket.write(bytes)) return true;
  try {
    await once(socket, "drain", { signal: gone });
    return true;
  } catch {
    return false;
  }
}

async function wait(ms: number, gone: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, undefined, { signal: gone });
    return true;
  } catch {
    return false;
  }
}
