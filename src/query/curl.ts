import { UsageError } from "../lib/errors.ts";
import { safeJson } from "../lib/terminal-safe.ts";
import type { CurrentDocument } from "./document.ts";

/** What belongs to an account or a listener, not to the song. */
const PRIVATE =
  /callback|webhook|^(application|credential|user|actor_user|api|trace|task)_id$|token|secret|authorization|api_key/i;

/**
 * The request that made a task, as a line for a POSIX shell: without token, callback and account ids. Running it makes
 * a new song and is billed. Throws UsageError when the document holds no request (a result of a synchronous call).
 */
export function curlOf({ taskId, type, document }: CurrentDocument, apiUrl: string): string {
  const request = readRequest(document);
  if (!request) throw new UsageError(`task ${taskId} came without its request`, { code: "no_request" });
  const endpoint = type && /^[a-z][a-z_]*$/.test(type) ? type : "audios";
  const body = safeJson(
    JSON.stringify(Object.fromEntries(Object.entries(request).filter(([name]) => !PRIVATE.test(name)))),
  );
  return [
    `curl -X POST ${quote(`${apiUrl}/producer/${endpoint}`)}`,
    '-H "authorization: Bearer $ACEDATACLOUD_API_TOKEN"',
    "-H 'accept: application/json'",
    "-H 'content-type: application/json'",
    `-d ${quote(body)}`,
  ].join(" ");
}

function readRequest(document: string): Record<string, unknown> | undefined {
  const { request } = JSON.parse(document) as { request?: unknown };
  const usable =
    typeof request === "object" && request !== null && !Array.isArray(request) && Object.keys(request).length > 0;
  return usable ? (request as Record<string, unknown>) : undefined;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
