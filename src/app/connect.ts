import type { Api } from "../api/client.ts";
import type { Probe } from "../api/probe.ts";
import type { LimitedSend } from "../api/limit.ts";
import type { ApiRetry } from "../api/retry.ts";
import type { Downloader } from "../assets/download/download.ts";
import type { AssetStore } from "../assets/store/store.ts";
import type { Config } from "../config.ts";
import { freeBytes } from "../lib/files/disk-errors.ts";
import { packageVersion } from "../lib/package-root.ts";

// Code that speaks HTTP is loaded inside of these functions, so that commands that only read start without it.

/** Connects to the API that `config` names. The caller disposes of it. */
export async function connectApi(
  config: Config & { token: string },
  onRetry: (retry: ApiRetry) => void,
): Promise<Api & AsyncDisposable> {
  const { openApi } = await import("../api/open-api.ts");
  return openApi({ apiUrl: config.apiUrl, token: config.token, rate: config.rate, userAgent: userAgent(), onRetry });
}

/** One way to the API for all runs of a process: together they keep to its rate and its pauses. */
export type ApiLine = AsyncDisposable & { connect: typeof connectApi };

/** Opens at the first run, and again when the settings name another API or rate. */
export function openLine(): ApiLine {
  let [open, way] = [undefined as (LimitedSend & AsyncDisposable) | undefined, ""];
  const sendTo = async ({ apiUrl, rate }: Config) => {
    const { openSend } = await import("../api/open-api.ts");
    if (open && way === `${rate} ${apiUrl}`) return open;
    await open?.[Symbol.asyncDispose]();
    way = `${rate} ${apiUrl}`;
    return (open = openSend({ apiUrl, rate }));
  };
  return {
    async connect(config, onRetry) {
      const { apiOver } = await import("../api/open-api.ts");
      const api = apiOver(await sendTo(config), { token: config.token, userAgent: userAgent(), onRetry });
      return Object.defineProperty(api as Api & AsyncDisposable, Symbol.asyncDispose, { value: async () => {} });
    },
    [Symbol.asyncDispose]: async () => open?.[Symbol.asyncDispose](),
  };
}

/** Sends the API one free request for the task `id`, whether or not it exists. Throws the signal's reason. */
export async function tryApi(config: Config & { token: string }, id: string, signal: AbortSignal): Promise<Probe> {
  const { probeApi } = await import("../api/probe.ts");
  return probeApi({ apiUrl: config.apiUrl, token: config.token, rate: 0, userAgent: userAgent() }, id, signal);
}

export type TransferOptions = {
  /** Gets the size of each chunk that arrives. */
  onBytes: (count: number) => void;
  /** For all downloads together; undefined for no limit. */
  bytesPerSecond: number | undefined;
};

/** Connects a downloader into `store`. The caller closes it. */
export async function connectDownloader(
  config: Config,
  store: AssetStore,
  transfer: TransferOptions,
): Promise<Downloader> {
  const { createDownloader } = await import("../assets/download/download.ts");
  const { assetHosts, idleTimeoutSeconds } = config;
  return createDownloader({ store, assetHosts, idleTimeoutSeconds, userAgent: userAgent(), ...transfer });
}

/** Free bytes on the disk of the assets folder; null when the file system does not say. */
export function freeSpace(store: AssetStore): Promise<number | null> {
  return freeBytes(store.root).catch(() => null);
}

function userAgent(): string {
  return `producer-mirror/${packageVersion()} (+https://www.npmjs.com/package/producer-mirror)`;
}
