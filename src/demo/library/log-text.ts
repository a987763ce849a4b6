import { assetUrl } from "./asset-path.ts";
import { uuidOf } from "./ids.ts";
import { taskIds, type DemoLibrary } from "./library-types.ts";

const MINUTE = 60_000;
const FIRST = Date.UTC(2026, 10, 1, 8);

/**
 * The log of an application that uses the API. It has the ids of all tasks (more than once, some in upper case); any
 * other uuid is part of a URL.
 */
export function logText(library: DemoLibrary): string {
  const ids = taskIds(library);
  const lines = ids.flatMap((id, n) => linesOf(id, n, new Date(FIRST + n * MINUTE).toISOString()));
  return `${["service starting, version 3.2.1", ...lines, "bye"].join("\n")}\n`;
}

function linesOf(id: string, n: number, at: string): string[] {
  const clip = uuidOf(`log clip ${n}`);
  const submitted = `${at} INFO  [producer] task ${id} submitted (callback https://example.invalid/hook/${uuidOf(`log hook ${n}`)})`;
  const json = JSON.stringify({ level: 30, time: at, msg: "producer task done", task_id: id, ms: 30_000 + n });
  const fetched = `${at} DEBUG GET ${assetUrl("https://storage.googleapis.com", "audio", clip, { author: uuidOf("log author") })} 200`;
  switch (n % 4) {
    case 0:
      return [submitted, json, fetched];
    case 1:
      return [
        submitted,
        `${at} WARN  event loop was blocked for ${n + 20} ms`,
        `${at} INFO  task=${id.toUpperCase()} state=done`,
      ];
    case 2:
      return [
        json,
        `${at} INFO  retrieve {"action":"retrieve","id":"${id}"}`,
        "    at process.processTicksAndRejections (node:internal)",
      ];
    default:
      return [
        `${at} INFO  <${id}> queued`,
        fetched,
        `${at} INFO  <${id}> finished; see https://studio.example.invalid/t/${clip}?x=1`,
      ];
  }
}
