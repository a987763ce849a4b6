import type { Socket } from "node:net";

const STATUS_LINE = /^HTTP\/1\.[01] 1\d\d/;
const CONTINUE = /^HTTP\/1\.[01] 100/;
const LENGTH = "HTTP/1.1 100".length;
const LAST_DIGIT = LENGTH - 1;
/** An interim answer that is longer is left to undici, which bounds the size of a head. */
const LONGEST_HEAD = 16 * 1024;

/**
 * Lets undici pass over a `100 Continue` that nobody asked for, as RFC 9110 15.2 wants of every client: undici takes it
 * for a broken connection, and passes over all other interim answers. So it is shown a 102 in its place.
 */
export function skipContinue(socket: Socket): Socket {
  const { read, write } = socket;
  let isHead = false;
  let held: Buffer = Buffer.alloc(0);
  // undici writes a request only after the answer before it has ended: what comes next is the head of an answer.
  socket.write = ((...given: Parameters<typeof write>) => {
    isHead = true;
    return write.apply(socket, given);
  }) as typeof write;
  socket.read = ((size?: number) => {
    const chunk = read.call(socket, size) as Buffer | null;
    if (chunk === null || !isHead) return chunk;
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const end = renameContinues(bytes);
    held = Buffer.from(bytes.subarray(end ?? bytes.length));
    isHead = end !== null;
    if (end === null) return bytes;
    return end === 0 ? null : bytes.subarray(0, end);
  }) as typeof read;
  return socket;
}

/** Where bytes begin that must wait for more; null once a final answer has begun. */
function renameContinues(bytes: Buffer): number | null {
  for (let at = 0; ;) {
    const line = bytes.toString("latin1", at, at + LENGTH);
    if (line.length < LENGTH) return mayBeInterim(line) ? at : null;
    if (!STATUS_LINE.test(line)) return null;
    const end = bytes.indexOf("\r\n\r\n", at);
    if (end === -1) return bytes.length - at < LONGEST_HEAD ? at : null;
    if (CONTINUE.test(line)) bytes[at + LAST_DIGIT] = 0x32;
    at = end + 4;
  }
}

function mayBeInterim(start: string): boolean {
  return ["HTTP/1.1 1", "HTTP/1.0 1"].some((line) => line.startsWith(start.slice(0, line.length)));
}
