import type { TaskState } from "../../src/record/state.ts";

/**
 * What the vendor's own SDK makes of a record, beside what we make of it. Read on 2026-11-29 in AceDataCloud/SDK,
 * `typescript/src/runtime/tasks.ts` (taskStatus), as it was at 02b86969 of August 2026. In its words a task succeeded,
 * failed or is still running. A row where we differ says why.
 */
export type VendorRow = {
  what: string;
  record: Record<string, unknown>;
  vendor: "succeeded" | "failed" | "running";
  ours: TaskState;
  why?: string;
};

/** Both compare words without regard to case. */
export const VENDOR_DONE = ["succeed", "succeeded", "success", "completed", "complete", "finished"];
export const VENDOR_FAILED = ["failed", "failure", "error", "cancelled", "canceled", "rejected"];

const AT = 1767119785.589;
const audio = { id: "b", audio_url: "https://x.example/b.m4a" };
const cover = { id: "b", image_url: "https://x.example/b.jpg" };
const done = { ...audio, state: "succeeded" };
const error = { code: "api_error", message: "fetch failed" };
const PREVIEW = "a URL may be a streaming preview while the song is being made; what is stored would be half a song";

export const VENDOR_TABLE: VendorRow[] = [
  { what: "no response, not finished", record: {}, vendor: "running", ours: "pending" },
  {
    what: "finished_at of the record and a URL",
    record: { finished_at: AT, response: { data: [audio] } },
    vendor: "succeeded",
    ours: "succeeded",
  },
  {
    what: "finished_at inside the response and a URL",
    record: { response: { finished_at: AT, data: [audio] } },
    vendor: "succeeded",
    ours: "succeeded",
  },
  {
    what: "finished_at inside the response and success: false",
    record: { response: { finished_at: AT, success: false } },
    vendor: "failed",
    ours: "failed",
  },
  {
    what: "finished and success: true without anything",
    record: { finished_at: AT, response: { success: true } },
    vendor: "succeeded",
    ours: "pending",
    why: "such placeholders were seen while the task was still running, and there is nothing to keep",
  },
  {
    what: "a URL and no sign of the end",
    record: { response: { data: [audio] } },
    vendor: "succeeded",
    ours: "pending",
    why: PREVIEW,
  },
  {
    what: "success: true and a URL, not finished",
    record: { response: { success: true, data: [audio] } },
    vendor: "succeeded",
    ours: "pending",
    why: PREVIEW,
  },
  {
    what: "no response, and a URL in the request",
    record: { finished_at: AT, request: { callback_url: "https://x.example/hook" } },
    vendor: "succeeded",
    ours: "pending",
    why: "an address that the user sent is no result",
  },
  {
    what: "a word for done and a cover alone",
    record: { response: { data: [{ ...cover, state: "succeeded" }] } },
    vendor: "succeeded",
    ours: "failed",
    why: "a cover without its song is no song",
  },
  {
    what: "a word for done and no URL",
    record: { response: { data: [{ id: "b", state: "succeeded" }] } },
    vendor: "failed",
    ours: "failed",
  },
  {
    what: "one clip done, one failed",
    record: { response: { data: [done, { id: "c", state: "failed" }] } },
    vendor: "failed",
    ours: "partial",
    why: "the song that plays is kept",
  },
  {
    what: "one clip done, one running",
    record: { response: { data: [done, { id: "c", state: "running" }] } },
    vendor: "succeeded",
    ours: "pending",
    why: "the other song is still being made",
  },
  {
    what: "one clip done, and a word that nobody knows",
    record: { response: { status: "archived", data: [done] } },
    vendor: "succeeded",
    ours: "pending",
    why: "the word may say that more comes; it is reported",
  },
  {
    what: "a word that nobody knows",
    record: { response: { data: [{ ...audio, state: "remastering" }] } },
    vendor: "running",
    ours: "pending",
  },
  {
    what: "success: false with an error code, not finished",
    record: { response: { success: false, error } },
    vendor: "failed",
    ours: "failed",
  },
  {
    what: "success: false with an error code and a word that runs",
    record: { response: { success: false, error, status: "processing" } },
    vendor: "running",
    ours: "failed",
    why: "an error with a code is the service's last word on a task of songs",
  },
  {
    what: "an error with a code and no success",
    record: { response: { error } },
    vendor: "running",
    ours: "failed",
    why: "stored records leave `success` out",
  },
  {
    what: "success: false and a text as its error, not finished",
    record: { response: { success: false, error: "busy" } },
    vendor: "running",
    ours: "pending",
  },
  {
    what: "success: false, not finished, and a URL",
    record: { response: { success: false, data: [audio] } },
    vendor: "failed",
    ours: "partial",
    why: "the song that plays is kept",
  },
  {
    what: "a text as its error, finished",
    record: { finished_at: AT, response: { error: "provider timeout" } },
    vendor: "running",
    ours: "failed",
    why: "the vendor's web studio shows such tasks as failed",
  },
];
