/** A person or a supervisor wants the program to end. */
export type Signals = Disposable & {
  /** Aborts at the first SIGINT or SIGTERM. */
  signal: AbortSignal;
  /** 130 or 143 once a signal came. */
  readonly exitCode: number | undefined;
};

const CODES = { SIGINT: 130, SIGTERM: 143 } as const;
/** Whatever still waits then is given up: the archive is safe at any moment. */
const PATIENCE_MS = 4500;

/** The first signal asks for an orderly end and says how to force it; a second, or 4.5 s, ends the process at once. */
export function listenForSignals(say: (line: string) => void): Signals {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const listener = (name: keyof typeof CODES) => {
    if (exitCode !== undefined) process.exit(exitCode);
    exitCode = CODES[name];
    if (name === "SIGINT") say("stopping after the write in hand; Ctrl-C again ends at once");
    setTimeout(() => process.exit(exitCode), PATIENCE_MS).unref();
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
