import { NotJsonError, sliceRecords } from "../record/slice.ts";
import { readRecord, type Reading } from "../record/wire.ts";
import { brokenResponse, hideToken, parseBody, readErrorBody, toApiError } from "./read-error.ts";
import { listingRequest, tasksRequest, type ListingFilter, type TaskRequest } from "./request.ts";

/** One record of a response: its exact text, and the record read from it. */
export type ReceivedRecord = { document: string; reading: Reading };

export type RequestOptions = { signal: AbortSignal; tries?: number };

/** The API: its one path, which costs nothing. */
export type Api = {
  /** The records of a response for `ids` (at most 50), as many and in the order as they came. Throws ApiError. */
  fetchTasks(ids: string[], options: RequestOptions): Promise<ReceivedRecord[]>;
  /** Tasks of an account, by the undocumented filters. Throws ApiError. */
  listTasks(filter: ListingFilter, options: RequestOptions): Promise<ReceivedRecord[]>;
  /** Requests sent so far, retries included. */
  readonly requests: number;
};

/** Sends a request with limits, pauses and retries. What `read` throws counts as a failed request. */
export type SendAndRead = <T>(request: TaskRequest, read: (body: string) => T, options: RequestOptions) => Promise<T>;

export function createApi(token: string, userAgent: string, sendAndRead: SendAndRead, requests: () => number): Api {
  return {
    fetchTasks: (ids, options) => {
      const read = (body: string) => readRecords(body, token, ids.length > 1);
      return sendAndRead(tasksRequest(ids, token, userAgent), read, options);
    },
    listTasks: (filter, options) => {
      const read = (body: string) => readRecords(body, token, true);
      return sendAndRead(listingRequest(filter, token, userAgent), read, options);
    },
    get requests() {
      return requests();
    },
  };
}

function readRecords(body: string, token: string, wantsBatch: boolean): ReceivedRecord[] {
  try {
    const { batch, records } = sliceRecords(body);
    const received = records.map((document) => ({ document, reading: readRecord(document) }));
    if (!batch) throwErrors(body, token, received[0]?.reading, wantsBatch);
    return received;
  } catch (error) {
    if (!(error instanceof NotJsonError)) throw error;
    if (wantsBatch && isBatch(body)) throw brokenResponse(hideToken(error.message, token));
    throw toApiError(200, hideToken(body, token), undefined, null);
  }
}

/** Whether the text is meant as a response, and not the page of some proxy. */
function isBatch(body: string): boolean {
  return /^\uFEFF?\s*\{/.test(body) && body.includes('"items"');
}

/** Errors also come with status 200. A bare `{}` is no valid response to a batch: it would look like "none known". */
function throwErrors(body: string, token: string, reading: Reading | undefined, wantsBatch: boolean): void {
  if (!reading || !("absent" in reading)) return;
  const raw = hideToken(body, token);
  const value = parseBody(raw);
  if (readErrorBody(value)) throw toApiError(200, raw, value, null);
  const empty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
  if (wantsBatch || !empty) throw toApiError(200, raw, undefined, null);
}
