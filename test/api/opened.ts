import type { Api } from "../../src/api/client.ts";
import { ApiError } from "../../src/api/api-error.ts";
import { openApi, type ApiOptions } from "../../src/api/open-api.ts";
import { makeLibrary } from "../stand-in/make-record.ts";
import { startStandIn, type StandIn } from "../stand-in/stand-in.ts";

export const TOKEN = "canary-3f9aX";
export const idle = new AbortController().signal;

/** The API against a stand-in on loopback, without a rate and with waits that are cut to nothing. */
export type Opened = AsyncDisposable & { api: Api; standIn: StandIn; ids: string[] };

export async function opened(options: Partial<ApiOptions> = {}, tasks = 4): Promise<Opened> {
  const standIn = await startStandIn({ library: (assetBase) => makeLibrary({ tasks, assetBase }) });
  const api = openApi({
    apiUrl: standIn.url,
    token: TOKEN,
    userAgent: "producer-mirror/1 (+x)",
    rate: 0,
    random: () => 0,
    ...options,
  });
  const ids = Array.from({ length: tasks }, (_, n) => standIn.library.id(n));
  const close = async () => {
    await api[Symbol.asyncDispose]();
    await standIn.close();
  };
  return { api, standIn, ids, [Symbol.asyncDispose]: close };
}

/** The ApiError that it ends with. */
export async function failure(work: Promise<unknown>): Promise<ApiError> {
  const error = await work.then(
    () => new Error("it succeeded"),
    (thrown: unknown) => thrown,
  );
  if (error instanceof ApiError) return error;
  throw error;
}
