import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { EXIT, MirrorError } from "../lib/errors.ts";
import { toStorageError } from "../lib/files/storage-errors.ts";

/** Statuses of our own error codes; others follow from the exit code. */
const STATUSES: Record<string, ContentfulStatusCode> = {
  not_found: 404,
  not_from_here: 403,
  no_key: 401,
  wrong_key: 401,
  blocked: 429,
  busy: 503,
  stopping: 503,
  file_lost: 410,
  too_large: 413,
  changed_meanwhile: 409,
  name_taken: 409,
};

/** An error as `{ "error": { code, message, hint } }`. What we did not expect says nothing of its inside. */
export function failure(context: Context, thrown: unknown): Response {
  const error = toStorageError(thrown);
  if (!(error instanceof MirrorError))
    return context.json({ error: { code: "unexpected", message: "an unexpected failure", hint: null } }, 500);
  const { code, message, hint = null } = error;
  return context.json({ error: { code, message, hint } }, statusOf(error));
}

function statusOf({ code, exit }: MirrorError): ContentfulStatusCode {
  const known = STATUSES[code];
  if (known !== undefined) return known;
  if (exit === EXIT.usage) return 400;
  return exit === EXIT.disk || exit === EXIT.locked || exit === EXIT.upstream ? 503 : 500;
}
