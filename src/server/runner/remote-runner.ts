import { Worker } from "node:worker_threads";
import { withoutSecrets } from "../../app/runner/hooks.ts";
import type { Begun, RunnerEvent, RunnerOptions } from "../../app/runner/runner-types.ts";
import type { Callback, TakenCallback } from "../../app/take-callbacks.ts";
import { readEnvironment, type Config } from "../../config.ts";
import { MirrorError, type ExitCode } from "../../lib/errors.ts";
import { toAskedError } from "../workers/asked-error.ts";
import type { AskedError } from "../workers/messages.ts";
import type { FromRunner, RunnerStart, ThreadSettings, ToRunner } from "./runner-messages.ts";

/** The runner in a thread of its own: the main thread never waits for a sync. */
export type RemoteRunner = AsyncDisposable & {
  /** Begins one, or names the one that is at work. Rejects with MirrorError. */
  begin(what: "sync" | "verify", mode?: "quick" | "full"): Promise<Begun>;
  /** Resolves once the callback is on the disk. Rejects with MirrorError. */
  take(callback: Callback): Promise<TakenCallback>;
  /** Rejects with what ended the runner by itself. */
  ended: Promise<void>;
};

export type RemoteOptions = {
  options: RunnerOptions;
  /** Callbacks of ids that are not tracked yet are taken too. */
  trackNew?: boolean;
  emit: (event: RunnerEvent) => void;
  /** The settings as they are now. */
  settings: () => Config;
};

type Waiting = { resolve: (value: never) => void; reject: (error: unknown) => void };

/** Starts the thread; resolves once the runner has started. Rejects as startRunner does. */
export async function startRemoteRunner(config: Config, remote: RemoteOptions): Promise<RemoteRunner> {
  const worker = startThread({
    config: forThread(config),
    options: remote.options,
    trackNew: remote.trackNew ?? false,
  });
  const waiting = new Map<number, Waiting>();
  const post = (message: ToRunner) => worker.postMessage(message);
  const started = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const fail = (error: unknown) => {
    started.reject(error);
    ended.reject(error);
  };
  for (const { promise } of [started, ended]) promise.catch(() => {});
  worker.on("message", (message: FromRunner) => {
    if (message.type === "started") started.resolve();
    if (message.type === "event") remote.emit(message.event);
    if (message.type === "askSettings")
      post({ type: "settings", id: message.id, settings: settingsNow(config, remote) });
    if (message.type === "ended" && message.error) fail(fromAsked(message.error));
    if (message.type === "ended") ended.resolve();
    if (message.type === "begun") take(waiting, message.id)?.resolve(message.begun as never);
    if (message.type === "taken") take(waiting, message.id)?.resolve(message.taken as never);
    if (message.type === "refused") take(waiting, message.id)?.reject(fromAsked(message.error));
  });
  worker.on("error", fail);
  const exited = new Promise<void>((resolve) => worker.on("exit", () => resolve()));
  void exited.then(() => {
    for (const { reject } of waiting.values()) reject(stopped());
    fail(stopped());
  });
  let nextId = 0;
  const ask = <T>(message: (id: number) => ToRunner) =>
    new Promise<T>((resolve, reject) => {
      const id = nextId++;
      waiting.set(id, { resolve, reject });
      post(message(id));
    });
  await started.promise;
  return {
    begin: (what, mode = "quick") => ask((id) => ({ type: "begin", id, what, mode })),
    take: (callback) => ask((id) => ({ type: "callback", id, callback })),
    ended: ended.promise,
    async [Symbol.asyncDispose]() {
      post({ type: "stop", reason: "SIGTERM" });
      await exited;
    },
  };
}

function startThread(start: RunnerStart): Worker {
  const name = import.meta.url.endsWith(".ts") ? "./runner-thread.ts" : "./serve-runner.js";
  const env = withoutSecrets(readEnvironment().env);
  return new Worker(new URL(name, import.meta.url), { workerData: start, env, stdin: false });
}

function settingsNow(config: Config, { settings }: RemoteOptions): ThreadSettings | AskedError {
  try {
    return forThread(settings());
  } catch (error) {
    return toAskedError(error, config.home);
  }
}

/** The key of the service is not needed there, and a function cannot be handed over. */
function forThread({ note: _note, serveKey: _key, ...settings }: Config): ThreadSettings {
  return settings;
}

function take(waiting: Map<number, Waiting>, id: number): Waiting | undefined {
  const found = waiting.get(id);
  waiting.delete(id);
  return found;
}

function fromAsked({ code, exit, message, hint }: AskedError): MirrorError {
  return new MirrorError(code, exit as ExitCode, message, { hint: hint ?? undefined });
}

function stopped(): MirrorError {
  return new MirrorError("stopping", 1, "the server is stopping");
}
