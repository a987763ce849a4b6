import { getRequestListener } from "@hono/node-server";
import { ensureArchive } from "../app/write-archive.ts";
import type { Config } from "../config.ts";
import { UsageError } from "../lib/errors.ts";
import { listenText } from "../settings.ts";
import { createApp } from "./app.ts";
import { openHandle } from "./archive-handle.ts";
import { createEventLog } from "./events/event-log.ts";
import { admit } from "./guard/admit.ts";
import { isLoopback } from "./guard/host.ts";
import { takeKeyFromAddress } from "./guard/key-in-address.ts";
import { openKeys } from "./keys/keys.ts";
import { countWrongKeys } from "./keys/wrong-keys.ts";
import { listen } from "./listen/listener.ts";
import { leadsHere } from "./listen/own-address.ts";
import { openPasser } from "./pass-on/passer.ts";
import { startReceiver } from "./receive/receiver.ts";
import { lazyRunner } from "./runner/lazy-runner.ts";
import type { ServeOptions, ServerContext } from "./server-context.ts";
import { startWorkers } from "./workers/workers.ts";

/** A running service. */
export type RunningServer = AsyncDisposable & {
  url: string;
  /** Where callbacks are taken. */
  receiveUrl: string | undefined;
  /** Rejects with what ended the runner by itself. */
  ended: Promise<never>;
};

/**
 * Starts the service over an archive. Resolves once it answers. Throws UsageError for an address that cannot be used, or
 * that others reach while there is no key, and as openForReading does.
 */
export async function startServer(config: Config, options: ServeOptions): Promise<RunningServer> {
  const rule = { address: config.listen, allowed: config.allowedHosts };
  if (leadsHere(config.apiUrl, rule)) throw apiIsHere(config.apiUrl);
  await using stack = new AsyncDisposableStack();
  const keys = stack.use(openKeys(config.home, config.serveKey));
  const isOpen = isLoopback(config.listen);
  if (!isOpen && !keys.any()) throw noKeyYet(listenText(config.listen));
  // Not before the settings are known to do.
  if (options.mayBeginEmpty) ensureArchive(config);
  const archive = stack.use(await openHandle(config));
  const events = createEventLog();
  const workers = stack.use(startWorkers(config, events.add));
  const runner = stack.use(lazyRunner(config, options, events));
  const context: ServerContext = {
    config,
    options,
    archive,
    workers,
    keys,
    wrongKeys: countWrongKeys(),
    runner: runner.get,
    events,
  };
  if (options.runner?.schedule || options.receive) await runner.get();
  const passer = openPasser(context);
  if (passer) stack.use(passer);
  const app = createApp(context, options.requireKey || !isOpen, passer);
  const handle = getRequestListener((request, env) => app.fetch(request, env), { overrideGlobalObjects: false });
  const admitted = admit(rule, (request, response) => {
    takeKeyFromAddress(request);
    void handle(request, response);
  });
  const listener = await listen(config.listen, admitted, "--listen");
  rule.address = listener.address;
  stack.defer(() => listener.close());
  const receiver = options.receive && stack.use(await startReceiver(config, await runner.get(), options.note));
  const running = stack.move();
  return {
    url: listener.url,
    receiveUrl: receiver?.url,
    ended: runner.ended,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function apiIsHere(apiUrl: string): UsageError {
  return new UsageError(`PRODUCER_MIRROR_API_URL is ${apiUrl}, which is this service itself`, {
    code: "api_is_here",
    hint: "name the API, or another mirror; applications are what is pointed here",
  });
}

function noKeyYet(address: string): UsageError {
  return new UsageError(`${address} can be reached from outside of this machine, and there is no key`, {
    code: "no_key",
    hint: "make one first: producer-mirror key add <name>; or set PRODUCER_MIRROR_SERVE_KEY",
  });
}
