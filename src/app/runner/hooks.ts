import { execa } from "execa";
import { readEnvironment } from "../../config.ts";
import { ping } from "../../lib/net/ping.ts";
import { SETTINGS } from "../../settings.ts";
import type { Happening } from "./happenings.ts";
import type { RunnerOptions } from "./runner-types.ts";

/** Tells other programs what happened, one after the other. What fails there is noted and fails nothing here. */
export type Hooks = {
  tell(happening: Happening): void;
  /** Waits for what is under way; what has not begun is dropped. */
  end(): Promise<void>;
};

const EXEC_MS = 30_000;
const PING_MS = 10_000;
/** Happenings that wait for the program; more are dropped. */
const MOST_WAITING = 1000;

export function openHooks({ exec, ping: url }: RunnerOptions, note: (message: string) => void): Hooks {
  const jobs: (() => Promise<void>)[] = [];
  let [working, dropped, isEnded] = [undefined as Promise<void> | undefined, 0, false];
  const work = async () => {
    for (let job = jobs.shift(); job && !isEnded; job = jobs.shift()) await job();
    if (dropped > 0) note(`${dropped} events were not passed to --exec: it takes too long`);
    [working, dropped] = [undefined, 0];
  };
  const add = (job: () => Promise<void>) => {
    if (jobs.length >= MOST_WAITING) dropped++;
    else jobs.push(job);
    working ??= work();
  };
  return {
    tell(happening) {
      if (exec) add(() => runProgram(exec, happening, note));
      if (url && happening.event === "run.complete") add(() => askUrl(url, note));
    },
    async end() {
      isEnded = true;
      await working;
    },
  };
}

/** Without a shell. The program gets neither the token nor a key, and its output is not ours. */
async function runProgram(exec: string[], happening: Happening, note: (message: string) => void): Promise<void> {
  const [file = "", ...args] = exec;
  const result = await execa(file, args, {
    input: `${JSON.stringify(happening)}\n`,
    stdout: "ignore",
    stderr: "ignore",
    timeout: EXEC_MS,
    forceKillAfterDelay: 1000,
    env: withoutSecrets(readEnvironment().env),
    extendEnv: false,
    reject: false,
  });
  if (!result.failed) return;
  const why = result.timedOut
    ? "it took longer than 30 s"
    : result.exitCode === undefined
      ? (result.originalMessage ?? result.signal ?? "it could not be started")
      : `exit ${result.exitCode}`;
  note(`--exec failed for ${happening.event}: ${why}`);
}

/** The environment of this process without the values that are secret. */
export function withoutSecrets(env: Record<string, string | undefined>): Record<string, string> {
  const secret: string[] = Object.values(SETTINGS).flatMap((one) => (one.secret ? [one.variable] : []));
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value === undefined || secret.includes(name) ? [] : [[name, value]],
    ),
  );
}

/** The address may hold a secret: only its host is named. */
async function askUrl(url: string, note: (message: string) => void): Promise<void> {
  const why = await ping(url, PING_MS);
  if (why !== undefined) note(`--ping failed: ${new URL(url).host} ${why}`);
}
