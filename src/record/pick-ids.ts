import { Collector, isUuid, type PickedIds } from "./ids/collector.ts";
import { pickFromText } from "./ids/from-lines.ts";

/** True for a uuid and nothing else. */
export function isTaskId(value: unknown): value is string {
  return typeof value === "string" && isUuid(value);
}

/**
 * Picks task ids out of anything: JSON, logs, tables. A uuid whose own key names something else (`request_id`, `user`) is
 * left alone, as is one in a URL; what a key says is decided in `ids/key-kind.ts` for all forms alike. JSON that is cut or
 * broken gives only what it names as a task's: most uuids in it are of clips, traces and accounts.
 */
export function pickIds(input: string): PickedIds {
  const found = new Collector();
  pickFromText(input.replace(/^\uFEFF/, ""), found);
  return found.result();
}

/** Checks each word as a task id; other words are rejected with a reason. */
export function checkIds(words: string[]): PickedIds {
  const found = new Collector();
  for (const word of words) found.claim(word.trim());
  return found.result();
}
