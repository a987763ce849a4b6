import { NotJsonError, sliceRecords } from "../record/slice.ts";
import { readRecord, type Reading } from "../record/wire.ts";
import { brokenResponse, hideToken, parseBody, readErrorBody, toApiError } from "./read-error.ts";
import { listingRequest, tasksRequest, type Listing, type TaskRequest } from "./request.ts";

/** One record of an answer: its exact text and what it says. */
export type ReceivedRecord = { document: string; reading: Reading };

export type RequestOptions = { signal: AbortSignal; tries?: number };

/** The one service that is asked, and its one free path. */
export type Api = {
  /** The records that came back for `ids` (at most 50), in the order and number of the answer. Throws ApiError. */
  fetchTasks(ids: string[], options: RequestOptions): Promise<ReceivedRecord[]>;
  /** The account's tasks by the undocumented filters. Throws ApiError. */
  listTasks(listing: Listing, options: RequestOptions): Promise<ReceivedRecord[]>;
  /** Requests sent so far, retries included. */
  readonly requests: number;
};

/** The wire with its wrappers: limiter, pauses, retries. What `read` throws counts as a failure of the wire. */
export type SendAndRead = <T>(question: TaskRequest, read: (body: string) => T, options: RequestOptions) => Promise<T>;

export function createApi(token: string, userAgent: string, deliver: SendAndRead, requests: () => number): Api {
  return {
    fetchTasks: (ids, options) => {
      const read = (body: string) => readRecords(body, token, ids.length > 1);
      return deliver(tasksRequest(ids, token, userAgent), read, options);
    },
    listTasks: (listing, options) => {
      const read = (body: string) => readRecords(body, token, true);
      return deliver(listingRequest(listing, token, userAgent), read, options);
    },
    get requests() {
      return requests();
    },
  };
}

function readRecords(body: string, token: string, wantsBatch: boolean): ReceivedRecord[] {
  try {
    const { batch, records } = sliceRecords(body);
    const answers = records.map((document) => ({ document, reading: readRecord(document) }));
    if (!batch) refuseErrors(body, token, answers[0]?.reading, wantsBatch);
    return answers;
  } catch (error) {
    if (!(error instanceof NotJsonError)) throw error;
    if (wantsBatch && isBatch(body)) throw brokenResponse(hideToken(error.message, token));
    throw toApiError(200, hideToken(body, token), undefined, null);
  }
}

/** Meant as an answer, not the page of some proxy. */
function isBatch(body: string): boolean {
  return /^\uFEFF?\s*\{/.test(body) && body.includes('"items"');
}

/** Errors also come with status 200; and a batch is never answered by a bare `{}`, which would look like "none known". */
function refuseErrors(body: string, token: string, reading: Reading | undefined, wantsBatch: boolean): void {
  if (!reading || !("absent" in reading)) return;
  const raw = hideToken(body, token);
  const value = parseBody(raw);
  if (readErrorBody(value)) throw toApiError(200, raw, value, null);
  const empty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
  if (wantsBatch || !empty) throw toApiError(200, raw, undefined, null);
}
