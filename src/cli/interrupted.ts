import { EXIT, MirrorError } from "../lib/errors.ts";

/** A command that a person or a supervisor ended; `hint` says what comes next. */
export function interrupted(signal: AbortSignal, message: string, hint: string): MirrorError {
  const name = (signal.reason as Error | undefined)?.message;
  return new MirrorError("interrupted", name === "SIGTERM" ? EXIT.sigterm : EXIT.sigint, message, { hint });
}
