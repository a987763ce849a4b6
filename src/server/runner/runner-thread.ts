import { parentPort, workerData } from "node:worker_threads";
import { startRunner } from "../../app/runner/runner.ts";
import type { Runner } from "../../app/runner/runner-types.ts";
import { takeCallbacks } from "../../app/take-callbacks.ts";
import type { Config } from "../../config.ts";
import { MirrorError, type ExitCode } from "../../lib/errors.ts";
import { toAskedError } from "../workers/asked-error.ts";
import type { AskedError } from "../workers/messages.ts";
import type { FromRunner, RunnerStart, ThreadSettings, ToRunner } from "./runner-messages.ts";

type WaitingCallback = Extract<ToRunner, { type: "callback" }>;
type Settled = { resolve: (config: Config) => void; reject: (error: unknown) => void };

const { config: first, options, trackNew } = workerData as RunnerStart;
const post = (message: FromRunner) => parentPort?.postMessage(message);
const asked = new Map<number, Settled>();
const callbacks: WaitingCallback[] = [];
let nextId = 0;

/** The main thread reads them: this one has no environment. */
const currentSettings = () =>
  new Promise<Config>((resolve, reject) => {
    asked.set(nextId, { resolve, reject });
    post({ type: "askSettings", id: nextId++ });
  });

await main();

async function main(): Promise<void> {
  try {
    const emit = (event: Parameters<Parameters<typeof startRunner>[2]>[0]) => {
      // Each chunk of a download would be a message.
      if (event.type !== "progress" || event.event.type !== "bytes") post({ type: "event", event });
    };
    parentPort?.on("message", (message: ToRunner) => {
      if (message.type === "settings") hand(message);
    });
    const runner = await startRunner(toConfig(first), options, emit, currentSettings);
    parentPort?.on("message", (message: ToRunner) => void answer(runner, message));
    post({ type: "started" });
    await runner.done;
    post({ type: "ended", error: undefined });
  } catch (error) {
    post({ type: "ended", error: toAskedError(error, first.home) });
  }
  parentPort?.close();
}

async function answer(runner: Runner, message: ToRunner): Promise<void> {
  if (message.type === "stop") await runner.stop(new Error(message.reason));
  if (message.type === "callback" && callbacks.push(message) === 1) setImmediate(() => takeAll(runner));
  if (message.type !== "begin") return;
  const { id, what, mode } = message;
  try {
    post({ type: "begun", id, begun: what === "sync" ? runner.syncNow() : runner.verifyNow(mode) });
  } catch (error) {
    post({ type: "refused", id, error: toAskedError(error, first.home) });
  }
}

/** All that came meanwhile is one change of the archive, and one question. */
function takeAll(runner: Runner): void {
  const waiting = callbacks.splice(0);
  try {
    const settings = { trackNew, now: Date.now() };
    const taken = takeCallbacks(
      toConfig(first),
      waiting.map(({ callback }) => callback),
      settings,
    );
    waiting.forEach(({ id }, index) => post({ type: "taken", id, taken: taken[index] ?? "dropped" }));
    runner.fetchSoon(waiting.filter((_, index) => taken[index] === "taken").map(({ callback }) => callback.taskId));
  } catch (error) {
    for (const { id } of waiting) post({ type: "refused", id, error: toAskedError(error, first.home) });
  }
}

function hand({ id, settings }: Extract<ToRunner, { type: "settings" }>): void {
  const waiting = asked.get(id);
  asked.delete(id);
  if (!isError(settings)) return waiting?.resolve(toConfig(settings));
  const { code, exit, message, hint } = settings;
  waiting?.reject(new MirrorError(code, exit as ExitCode, message, { hint: hint ?? undefined }));
}

function isError(settings: ThreadSettings | AskedError): settings is AskedError {
  return "exit" in settings;
}

function toConfig(settings: ThreadSettings): Config {
  return { ...settings, serveKey: undefined };
}
