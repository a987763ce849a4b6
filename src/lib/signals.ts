/** Requests by the user or a supervisor to end the program. */
export type Signals = Disposable & {
  /** Aborts at the first SIGINT or SIGTERM. */
  signal: AbortSignal;
  /** 130 or 143 after a signal; undefined before. */
  readonly exitCode: number | undefined;
};

const CODES = { SIGINT: 130, SIGTERM: 143 } as const;
/** After this the process ends even if work is still going on: the archive is safe at any moment. */
const GRACE_MS = 4500;

/** The first signal requests an orderly end and prints how to force it; a second signal, or 4.5 s, ends the process at once. */
export function listenForSignals(print: (line: string) => void): Signals {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const listener = (name: keyof typeof CODES) => {
    if (exitCode !== undefined) process.exit(exitCode);
    exitCode = CODES[name];
    if (name === "SIGINT") print("stopping after the current write; Ctrl-C again ends at once");
    setTimeout(() => process.exit(exitCode), GRACE_MS).unref();
    controller.abort(new Error(name));
  };
  process.on("SIGINT", listener);
  process.on("SIGTERM", listener);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    [Symbol.dispose]: () => {
      process.off("SIGINT", listener);
      process.off("SIGTERM", listener);
    },
  };
}
