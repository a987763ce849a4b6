import { once } from "node:events";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { headerOf, type Reply } from "../service/reply.ts";

const PART = Buffer.alloc(64 * 1024);
const BLANKS = Buffer.alloc(64 * 1024, " ");
const TICK_MS = 50;

/** An even trickle, one byte at least at a time. */
export async function sendSlowly(
  socket: Socket,
  body: Buffer,
  bytesPerSecond: number,
  gone: AbortSignal,
): Promise<void> {
  const pause = Math.max(TICK_MS, 1000 / bytesPerSecond);
  const step = Math.max(1, Math.round((bytesPerSecond * pause) / 1000));
  for (let place = 0; place < body.length; place += step) {
    if (!(await wait(pause, gone))) return;
    socket.write(body.subarray(place, place + step));
  }
  socket.end();
}

/** The body, then zeros until the other side has had enough. */
export async function sendEndless(socket: Socket, body: Buffer, gone: AbortSignal): Promise<void> {
  let listens = await write(socket, body, gone);
  while (listens) listens = await write(socket, PART, gone);
}

/** The body made longer by `bytes`: JSON gets blanks before its last character, files get zeros at the end. */
export async function sendHuge(socket: Socket, reply: Reply, bytes: number, gone: AbortSignal): Promise<void> {
  const isJson = headerOf(reply, "content-type")?.startsWith("application/json") === true;
  const place = isJson ? reply.body.length - 1 : reply.body.length;
  const filler = isJson ? BLANKS : PART;
  let listens = await write(socket, reply.body.subarray(0, place), gone);
  for (let left = bytes; left > 0 && listens; left -= filler.length) {
    listens = await write(socket, filler.subarray(0, Math.min(left, filler.length)), gone);
  }
  if (listens) socket.end(reply.body.subarray(place));
}

/**
 * Waits while the other side does not read: the stand-in's own memory stays flat. False when there is nobody to write
 * to; asked of the socket, since its `close` event comes later and a loop over writes would not let it come at all.
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
