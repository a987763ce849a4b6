import type { WireClip, WireRecord, WireResponse, WireResult } from "./wire.ts";

/** Words of services for success, for failure and for unfinished work; in lower case. */
export const DONE = new Set([
  "succeed",
  "succeeded",
  "success",
  "successful",
  "complete",
  "completed",
  "done",
  "finished",
  "ready",
]);
export const FAILED = new Set([
  "failed",
  "failure",
  "fail",
  "error",
  "errored",
  "cancelled",
  "canceled",
  "rejected",
  "timeout",
  "aborted",
  "expired",
]);
export const OPEN = new Set([
  "pending",
  "processing",
  "running",
  "queued",
  "submitted",
  "created",
  "started",
  "in_progress",
  "generating",
  "streaming",
  "waiting",
]);

/** The state words of a record and of each of its parts, in lower case. */
export function stateWords(record: WireRecord, response: WireResponse): string[] {
  const parts = Array.isArray(response.data) ? response.data : response.data ? [response.data] : [];
  return [...overallWords(record, response), ...parts.flatMap(wordsOf)];
}

/** The state words of the record as a whole. */
export function overallWords(record: WireRecord, response: WireResponse): string[] {
  return [...wordsOf(record), ...wordsOf(response)];
}

/** The state words of one part. */
export function wordsOf(part: { state: string | null; status: string | null }): string[] {
  return [part.state, part.status]
    .filter((word) => word !== null && word.trim() !== "")
    .map((word) => (word as string).trim().toLowerCase());
}

/** Whether a part has one of these words. */
export function isWord(part: WireClip | WireResult, words: Set<string>): boolean {
  return wordsOf(part).some((word) => words.has(word));
}

const RANKS: Record<string, number> = { pending: 0, failed: 1, partial: 2, succeeded: 3 };

/** How far a state of a task or clip is along: a higher rank is never replaced by a lower one. */
export function stateRank(state: string): number {
  return RANKS[state] ?? 0;
}
