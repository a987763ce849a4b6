import { NotJsonError, sliceRecords } from "../record/slice.ts";
import { readRecord, type Reading } from "../record/wire.ts";
import { readErrorBody, toApiError } from "./read-error.ts";
import { listingRequest, tasksRequest, type Listing } from "./request.ts";
import type { Send } from "./send.ts";

/** One record of an answer: its exact text and what it says. */
export type Answer = { document: string; reading: Reading };

export type AskOptions = { signal: AbortSignal; tries?: number };

/** The one service that is asked, and its one free path. */
export type Api = {
  /** The records that came back for `ids` (at most 50), in the order and number of the answer. Throws ApiError. */
  ask(ids: string[], options: AskOptions): Promise<Answer[]>;
  /** The account's tasks by the undocumented filters. Throws ApiError. */
  list(listing: Listing, options: AskOptions): Promise<Answer[]>;
  /** Requests sent so far, retries included. */
  readonly requests: number;
};

export type Deliver = (question: ReturnType<typeof tasksRequest>, options: AskOptions) => ReturnType<Send>;

/** `deliver` is the wire with its wrappers: limiter, pauses, retries. */
export function createApi(token: string, userAgent: string, deliver: Deliver, requests: () => number): Api {
  return {
    async ask(ids, options) {
      return toAnswers(await deliver(tasksRequest(ids, token, userAgent), options), ids.length > 1);
    },
    async list(listing, options) {
      return toAnswers(await deliver(listingRequest(listing, token, userAgent), options), true);
    },
    get requests() {
      return requests();
    },
  };
}

function toAnswers(body: string, wantsBatch: boolean): Answer[] {
  try {
    const { batch, records } = sliceRecords(body);
    const answers = records.map((document) => ({ document, reading: readRecord(document) }));
    if (!batch) refuseErrors(body, answers[0]?.reading, wantsBatch);
    return answers;
  } catch (error) {
    if (!(error instanceof NotJsonError)) throw error;
    throw toApiError(200, body, undefined, null);
  }
}

/** Errors also come with status 200; and a batch is never answered by a bare `{}`, which would look like "none known". */
function refuseErrors(body: string, reading: Reading | undefined, wantsBatch: boolean): void {
  if (!reading || !("absent" in reading)) return;
  const value = JSON.parse(body.replace(/^\uFEFF/, "")) as unknown;
  if (readErrorBody(value)) throw toApiError(200, body, value, null);
  const empty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
  if (wantsBatch || !empty) throw toApiError(200, body, undefined, null);
}

