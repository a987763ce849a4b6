import { EXIT, MirrorError } from "../../lib/errors.ts";

/** The error of a command that a signal ended; `hint` says what to do next. */
export function interruptedError(signal: AbortSignal, message: string, hint: string): MirrorError {
  return new MirrorError("interrupted", signalExitCode(signal), message, { hint });
}

/** 143 after SIGTERM, else 130. */
export function signalExitCode(signal: AbortSignal): typeof EXIT.sigterm | typeof EXIT.sigint {
  const name = (signal.reason as Error | undefined)?.message;
  return name === "SIGTERM" ? EXIT.sigterm : EXIT.sigint;
}
