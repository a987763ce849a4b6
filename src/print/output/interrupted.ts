import { EXIT, MirrorError } from "../../lib/errors.ts";

/** A command that a person or a supervisor ended; `hint` says what comes next. */
export function interruptedError(signal: AbortSignal, message: string, hint: string): MirrorError {
  return new MirrorError("interrupted", signalExitCode(signal), message, { hint });
}

/** 143 after SIGTERM, else 130. */
export function signalExitCode(signal: AbortSignal): typeof EXIT.sigterm | typeof EXIT.sigint {
  const name = (signal.reason as Error | undefined)?.message;
  return name === "SIGTERM" ? EXIT.sigterm : EXIT.sigint;
}
