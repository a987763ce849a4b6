import { UsageError } from "../../lib/errors.ts";
import { safeJson } from "../../lib/text/terminal-safe.ts";
import type { CurrentDocument } from "./document.ts";

/** Names of fields that belong to an account or a callback, not to the song. */
const PRIVATE =
  /callback|webhook|^(application|credential|user|actor_user|api|trace|task)_id$|token|secret|authorization|api_key/i;

/**
 * The request that made a task, as a command for a POSIX shell, without token, callback and account ids. Running it makes
 * a new song and is billed. Throws UsageError when the document contains no request (the result of a synchronous call).
 */
export function curlOf({ taskId, type, document }: CurrentDocument, apiUrl: string): string {
  const request = readRequest(document);
  if (!request) throw new UsageError(`task ${taskId} came without its request`, { code: "no_request" });
  const endpoint = type && /^[a-z][a-z_]*$/.test(type) ? type : "audios";
  const body = safeJson(JSON.stringify(withoutPrivate(request)));
  return [
    `curl -X POST ${quote(`${apiUrl}/producer/${endpoint}`)}`,
    '-H "authorization: Bearer $ACEDATACLOUD_API_TOKEN"',
    "-H 'accept: application/json'",
    "-H 'content-type: application/json'",
    `-d ${quote(body)}`,
  ].join(" ");
}

function readRequest(document: string): object | undefined {
  const { request } = JSON.parse(document, keepNumber) as { request?: unknown };
  const usable =
    typeof request === "object" && request !== null && !Array.isArray(request) && Object.keys(request).length > 0;
  return usable ? request : undefined;
}

/** Keeps a number as it was written: a seed may have more digits than a JavaScript number. */
function keepNumber(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  return typeof value === "number" && source !== undefined ? rawJson(source) : value;
}

/** In Node since 21; the types of es2024 do not include it yet. */
const { rawJSON: rawJson, isRawJSON: isRawJson } = JSON as unknown as {
  rawJSON(text: string): object;
  isRawJSON(value: unknown): boolean;
};

/** Removes private fields at any depth. */
function withoutPrivate(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPrivate);
  if (typeof value !== "object" || value === null || isRawJson(value)) return value;
  const kept = Object.entries(value).filter(([name]) => !PRIVATE.test(name));
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutPrivate(inner)]));
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
