import type { FileHandle } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";

const CHUNK_BYTES = 128 * 1024;

/**
 * Sends `length` bytes of an open file from `start` on, as fast as the client takes them, and closes the file. When the
 * file cannot be read to the end the connection is destroyed: fewer bytes than announced must not look like all.
 */
export async function sendPart(
  file: FileHandle,
  { start, length }: { start: number; length: number },
  response: ServerResponse,
): Promise<void> {
  const bytes = file.createReadStream({ start, end: start + length - 1, highWaterMark: CHUNK_BYTES });
  try {
    await pipeline(bytes, (source: AsyncIterable<Buffer>) => exactly(length, source), response);
  } catch {
    // Either the client has left, or the connection was ended with the file's failure: there is nobody to tell.
    response.destroy();
  }
}

async function* exactly(length: number, source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let left = length;
  for await (const chunk of source) {
    left -= chunk.length;
    yield chunk;
  }
  if (left !== 0) throw new Error("the file ended early");
}
