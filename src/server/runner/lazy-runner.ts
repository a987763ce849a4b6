import type { RunnerOptions } from "../../app/runner/runner-types.ts";
import type { Config } from "../../config.ts";
import type { EventLog } from "../events/event-log.ts";
import { toServerEvent } from "../events/event-text.ts";
import type { ServeOptions } from "../server-context.ts";
import { startRemoteRunner, type RemoteRunner } from "./remote-runner.ts";

/** The runner of a server, started when it is first asked for; after a start that failed, the next asks again. */
export type LazyRunner = AsyncDisposable & {
  get: () => Promise<RemoteRunner>;
  /** Rejects with what ended a started runner by itself. */
  ended: Promise<never>;
};

const BY_HAND: RunnerOptions = { name: "serve", schedule: undefined, bounds: {} };

export function lazyRunner(config: Config, options: ServeOptions, events: EventLog): LazyRunner {
  const { settings = () => config, onRunner, runner = BY_HAND, receive } = options;
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => {});
  let [running, isClosed] = [undefined as Promise<RemoteRunner> | undefined, false];
  const start = async () => {
    const started = await startRemoteRunner(config, {
      options: runner,
      trackNew: receive?.trackNew ?? false,
      settings,
      emit: (event) => {
        onRunner?.(event);
        const shown = toServerEvent(event, Date.now());
        if (shown) events.add(shown);
      },
    });
    started.ended.catch((error: unknown) => {
      if (!isClosed) ended.reject(error);
    });
    return started;
  };
  const get = () => {
    running ??= start().catch((error: unknown) => {
      running = undefined;
      throw error;
    });
    return running;
  };
  return {
    get,
    ended: ended.promise,
    async [Symbol.asyncDispose]() {
      isClosed = true;
      const started = await running?.catch(() => undefined);
      await started?.[Symbol.asyncDispose]();
    },
  };
}
