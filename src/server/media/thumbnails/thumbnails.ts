import type { KnownFile } from "../../../query/files/find-file.ts";
import type { ServerContext } from "../../server-context.ts";
import { readConditions } from "../conditions.ts";
import { etagOf } from "../file-headers.ts";
import { readThumbnail } from "./kept-thumbnails.ts";

/** Answers with a stored picture made smaller; undefined when it is to be sent as it is. */
export type Thumbnails = (request: Request, known: KnownFile, size: number) => Promise<Response | undefined>;

/** A picture that has to wait for more than so many others is sent as it is. */
const MOST_WAITING = 200;

/**
 * Thumbnails are made once and kept. One is made at a time, by a worker: a page full of new covers leaves the other
 * workers to those who ask for songs.
 */
export function thumbnailMaker({ config: { home }, workers }: ServerContext): Thumbnails {
  const making = new Map<string, Promise<Buffer | undefined>>();
  let last: Promise<unknown> = Promise.resolve();

  const make = ({ path, sha256 }: KnownFile, size: number) => {
    const key = `${sha256} ${size}`;
    const known = making.get(key);
    if (known || making.size >= MOST_WAITING) return known;
    const made = last.then(async () => {
      const text = JSON.parse(await workers.ask("thumbnail", { path, sha256, size })) as string | null;
      return text === null ? undefined : Buffer.from(text, "base64");
    });
    // Why it could not be made is for what sends the picture as it is to report.
    const found = made.catch(() => undefined).finally(() => making.delete(key));
    making.set(key, found);
    last = found;
    return found;
  };
  return async (request, known, size) => {
    if (known.state !== "stored") return undefined;
    const bytes = (await readThumbnail(home, { sha256: known.sha256, size })) ?? (await make(known, size));
    return bytes && answer(request, bytes, `${etagOf(known).slice(0, -1)}-${size}"`);
  };
}

function answer(request: Request, bytes: Buffer, etag: string): Response {
  const headers = { "Content-Type": "image/jpeg", ETag: etag, "Cache-Control": "private, max-age=3600" };
  const conditions = Object.fromEntries(request.headers);
  const { kind } = readConditions(request.method, conditions, { etag, bytes: bytes.length });
  if (kind === "unchanged") return new Response(null, { status: 304, headers });
  if (kind === "failed") return new Response(null, { status: 412 });
  return new Response(Uint8Array.from(bytes), { headers: { ...headers, "Content-Length": String(bytes.length) } });
}
