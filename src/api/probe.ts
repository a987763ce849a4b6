import { ApiError } from "./api-error.ts";
import { parseHttpDate } from "../lib/time/http-date.ts";
import { openApi, type ApiOptions } from "./open-api.ts";

/** What one free request shows about the token, the connection to the API, and this machine's clock. */
export type Probe = {
  failure: { message: string; hint: string | undefined } | null;
  /** How far this machine's clock is ahead of the API's, in milliseconds; null when the API sent no date. */
  clockAheadMs: number | null;
};

const DEADLINE_MS = 20_000;

/** Fetches the task `id` once, whether or not the API knows it. Throws the signal's reason. */
export async function probeApi(options: ApiOptions, id: string, signal: AbortSignal): Promise<Probe> {
  let clockAheadMs: number | null = null;
  const onDate = (date: string) => {
    const time = parseHttpDate(date);
    if (time !== null) clockAheadMs = Date.now() - time;
  };
  await using api = openApi({ deadlineMs: DEADLINE_MS, ...options, onDate });
  try {
    await api.fetchTasks([id], { signal, tries: 1 });
    return { failure: null, clockAheadMs };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ApiError)) throw error;
    if (error.followUp === "absent") return { failure: null, clockAheadMs };
    return { failure: { message: error.message, hint: error.hint }, clockAheadMs };
  }
}
