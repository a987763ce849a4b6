import { EXIT, MirrorError } from "../lib/errors.ts";
import { toFinalStorageError } from "../lib/files/storage-errors.ts";

/**
 * The one map from anything thrown to a message, a hint and an exit code. `home` is the archive's folder, named when the
 * system does not say which path it refused.
 */
export function toFailure(thrown: unknown, home?: string): MirrorError {
  const error = toFinalStorageError(thrown, (thrown as { path?: string } | undefined)?.path ?? home);
  if (error instanceof MirrorError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  if (isMissingLibrary(cause)) {
    const message = `the database library better-sqlite3 cannot be loaded: ${cause.message.split("\n")[0]}`;
    const hint = "run `npm rebuild better-sqlite3`, or install producer-mirror again";
    return new MirrorError("native_module", EXIT.unexpected, message, { cause, hint });
  }
  const hint = "run it again with -v for details, and report it";
  return new MirrorError("unexpected", EXIT.unexpected, `unexpected: ${cause.message}`, { cause, hint });
}

/** The package is missing, has no binary for this machine, or one that the system refuses. */
function isMissingLibrary({ code, message }: Error & { code?: string }): boolean {
  return (
    /^(ERR_MODULE_NOT_FOUND|MODULE_NOT_FOUND|ERR_DLOPEN_FAILED)$/.test(code ?? "") && /better.sqlite3/.test(message)
  );
}
