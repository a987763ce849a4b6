import type { IncomingMessage, ServerResponse } from "node:http";
import type { Config } from "../../config.ts";
import { isOwnHost } from "../guard/host.ts";
import { listen } from "../listen/listener.ts";
import type { RemoteRunner } from "../runner/remote-runner.ts";
import { readCallback } from "./read-callback.ts";
import { currentSecret } from "./secret-file.ts";
import { proofOf, validSecrets } from "./valid-secrets.ts";

/** Takes callbacks until it is disposed of. */
export type Receiver = AsyncDisposable & { url: string };

/** The sender may wait no longer. */
const ANSWER_MS = 3000;
/** Callbacks that wait to be saved; more are asked to come again. */
const MOST_WAITING = 200;
const NOTE_EVERY_MS = 60_000;
/** By which `receive --test` knows that it was us who answered. */
export const TEST_HEADER = "x-producer-mirror-test";

type Deps = { runner: Pick<RemoteRunner, "take">; isValid: (secret: string) => boolean; note: (line: string) => void };

/**
 * Listens for `POST /callbacks/<secret>` and nothing else: all other requests are answered 404 without a body. 2xx means
 * that the callback is on the disk. Throws UsageError for an address that cannot be used.
 */
export async function startReceiver(
  config: Config,
  runner: Pick<RemoteRunner, "take">,
  note: (line: string) => void = () => {},
): Promise<Receiver> {
  currentSecret(config.home, Date.now());
  const secrets = validSecrets(config.home);
  const rule = { address: config.receiveListen, allowed: [...config.allowedHosts, ...publicHosts(config)] };
  const handle = createHandler({ runner, isValid: secrets.has, note });
  const listener = await listen(
    config.receiveListen,
    (request, response) => {
      if (isOwnHost(request, rule)) return void handle(request, response);
      return end(response, 421);
    },
    "--receive-listen",
  );
  rule.address = listener.address;
  return { url: listener.url, [Symbol.asyncDispose]: () => listener.close() };
}

/** The public address without a port means the usual one, which the Host header leaves out. */
function publicHosts({ publicUrl }: Config): string[] {
  return publicUrl === undefined ? [] : [new URL(publicUrl).host, new URL(publicUrl).hostname];
}

function createHandler({ runner, isValid, note }: Deps) {
  let waiting = 0;
  const refused = countRefused(note);
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const secret = secretOf(request);
      if (!isValid(secret ?? "")) {
        refused();
        return end(response, 404);
      }
      const nonce = request.headers[TEST_HEADER];
      if (typeof nonce === "string") return end(response, 204, { [TEST_HEADER]: proofOf(secret ?? "", nonce) });
      if (waiting >= MOST_WAITING) return end(response, 503, { "Retry-After": "5" });
      waiting++;
      await answer(runner, request, response, note).finally(() => waiting--);
    } catch (error) {
      // A sender that breaks off, or a file of secrets that cannot be read.
      note(`a callback was not taken: ${error instanceof Error ? error.message : String(error)}`);
      end(response, 503, { "Retry-After": "30" });
    }
  };
}

async function answer(
  runner: Deps["runner"],
  request: IncomingMessage,
  response: ServerResponse,
  note: Deps["note"],
): Promise<void> {
  const callback = await readCallback(request);
  if (typeof callback === "number") return end(response, callback);
  const late = Promise.withResolvers<"late">();
  const timer = setTimeout(() => late.resolve("late"), ANSWER_MS);
  try {
    const taken = await Promise.race([runner.take(callback), late.promise]);
    if (taken === "late") throw new Error("the archive did not take it within 3 s");
    const what = taken === "taken" ? "taken" : "dropped: this id is not tracked";
    note(`callback of ${callback.taskId.slice(0, 8)} ${what}`);
    end(response, 200);
  } finally {
    clearTimeout(timer);
  }
}

function secretOf({ method, url = "" }: IncomingMessage): string | undefined {
  if (method !== "POST") return undefined;
  return /^\/callbacks\/([A-Za-z0-9_-]{20,100})(?:\?.*)?$/.exec(url)?.[1];
}

/** One line a minute, however many there are. */
function countRefused(note: (line: string) => void): () => void {
  let [count, noted] = [0, -Infinity];
  return () => {
    count++;
    if (performance.now() - noted < NOTE_EVERY_MS) return;
    note(`${count === 1 ? "a request" : `${count} requests`} to the receiver had no valid address`);
    [count, noted] = [0, performance.now()];
  };
}

function end(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  if (response.headersSent || response.destroyed) return;
  if (status >= 400) response.shouldKeepAlive = false;
  response.writeHead(status, status === 204 ? headers : { ...headers, "Content-Length": "0" }).end();
}
