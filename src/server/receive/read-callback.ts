import type { IncomingMessage } from "node:http";
import type { Callback } from "../../app/take-callbacks.ts";
import { isTaskId } from "../../record/pick-ids.ts";

const MOST_BYTES = 1_000_000;

/** The callback in a request, or the status that says why there is none. */
export async function readCallback(request: IncomingMessage): Promise<Callback | 400 | 413 | 415> {
  if ((request.headers["content-encoding"] ?? "identity") !== "identity") return 415;
  if (Number(request.headers["content-length"] ?? 0) > MOST_BYTES) return 413;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES) return 413;
    chunks.push(chunk);
  }
  return readBody(Buffer.concat(chunks)) ?? 400;
}

function readBody(bytes: Buffer): Callback | undefined {
  try {
    const document = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const value = JSON.parse(document) as unknown;
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    const { task_id: id } = value as { task_id?: unknown };
    return isTaskId(id) ? { taskId: id.toLowerCase(), document } : undefined;
  } catch {
    return undefined;
  }
}
