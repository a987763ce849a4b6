import { MirrorError } from "../../lib/errors.ts";
import { toStorageError } from "../../lib/files/storage-errors.ts";
import type { AskedError } from "./messages.ts";

/** An error as it crosses from one thread to another. */
export function toAskedError(thrown: unknown, home: string): AskedError {
  const error = toStorageError(thrown, home);
  if (error instanceof MirrorError)
    return { code: error.code, exit: error.exit, message: error.message, hint: error.hint ?? null };
  return { code: "unexpected", exit: 1, message: error instanceof Error ? error.message : String(error), hint: null };
}
