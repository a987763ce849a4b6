import type { Emit, SyncEvent } from "../../sync/events.ts";
import { bytesText, countText } from "../output/numbers.ts";
import type { Output } from "../output/output.ts";
import { FILES_FOR_A_SIZE, planLine, sizeLine } from "./plan-line.ts";

type Seen = {
  due: number;
  answered: number;
  wanted: number;
  stored: number;
  storedBytes: number;
  bytes: number;
  retries: number;
  startedAt: number;
};

/** Prints the events of a run: a progress line, notes, and details with `-v`. Dispose of it before the summary. */
export function showProgress(output: Output, now: () => number): { emit: Emit } & Disposable {
  const seen: Seen = {
    due: 0,
    answered: 0,
    wanted: 0,
    stored: 0,
    storedBytes: 0,
    bytes: 0,
    retries: 0,
    startedAt: now(),
  };
  const line = output.progress(() => render(seen, now()));
  return {
    emit: (event) => {
      count(seen, event);
      printEvent(output, event);
      if (event.type === "stored" && seen.stored === FILES_FOR_A_SIZE && seen.wanted > seen.stored)
        output.note(sizeLine(seen));
    },
    [Symbol.dispose]: () => line[Symbol.dispose](),
  };
}

function count(seen: Seen, event: SyncEvent): void {
  if (event.type === "planned") Object.assign(seen, { due: event.due, wanted: event.wanted });
  if (event.type === "saved") {
    seen.answered += event.saved.length;
    seen.wanted += event.saved.reduce((sum, record) => sum + record.assetsWanted, 0);
  }
  if (event.type === "notSeen" || event.type === "taskFailed") seen.answered += event.ids.length;
  if (event.type === "bytes") seen.bytes += event.count;
  if (event.type === "stored") {
    seen.stored++;
    seen.storedBytes += event.bytes;
  }
  if (event.type === "retry") seen.retries++;
}

function render(seen: Seen, now: number): string {
  const seconds = Math.max(1, (now - seen.startedAt) / 1000);
  const speed = seen.bytes / seconds;
  const parts = [
    `tasks ${countText(seen.answered)}/${countText(seen.due)}`,
    `files ${countText(seen.stored)}/${countText(Math.max(seen.wanted, seen.stored))}`,
    bytesText(seen.bytes),
    `${bytesText(speed)}/s`,
  ];
  const rest = seen.wanted - seen.stored;
  if (seen.stored >= 20 && rest > 0) parts.push(timeLeft((rest / seen.stored) * seconds));
  if (seen.retries > 0) parts.push(seen.retries === 1 ? "1 retry" : `${countText(seen.retries)} retries`);
  return parts.join("  ");
}

function timeLeft(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s left` : `${Math.ceil(seconds / 60)} min left`;
}

function printEvent(output: Output, event: SyncEvent): void {
  switch (event.type) {
    case "planned":
      if (event.due > 0 || event.wanted > 0) output.note(planLine(event));
      break;
    case "imported":
      output.note(
        `${event.file}: ${event.added} new ids, ${event.repeated} repeats, ${event.useless} lines without an id`,
      );
      break;
    case "unknownWords":
      output.note(
        `task ${event.taskId}: unknown state ${event.words.map((word) => `"${word}"`).join(", ")}; treated as still running`,
      );
      break;
    case "unrequested":
      output.note(`the API sent ${event.count} records that were not requested; they are ignored`);
      break;
    case "taskFailed":
      output.note(`${event.ids.length === 1 ? `task ${event.ids[0]}` : `${event.ids.length} tasks`}: ${event.message}`);
      break;
    case "assetFailed":
      output.note(`${event.asset.kind} of ${event.asset.clipId ?? event.asset.taskId}: ${event.message}`);
      break;
    case "lost":
      output.note(`stored files that are missing or damaged: ${countText(event.count)}; they will be fetched again`);
      break;
    case "differs":
      output.note(
        `${event.asset.kind} of ${event.asset.clipId ?? event.asset.taskId}: upstream now has different bytes than the lost file; they are stored as ${event.path}`,
      );
      break;
    case "hostUnreached":
      output.note(
        `${event.message}; ${countText(event.files)} ${event.files === 1 ? "file waits" : "files wait"} for it`,
      );
      break;
    case "outage":
      output.note(
        `${event.host} answered most requests with "not found": probably an outage, so its ${event.misses} misses do not count`,
      );
      break;
    case "retry":
      output.detail(`${event.message}; retrying in ${(event.waitMs / 1000).toFixed(1)} s`);
      break;
    case "stored":
      output.detail(
        `${event.adopted ? "found" : "stored"} ${event.asset.kind} of ${event.asset.clipId ?? event.asset.taskId}, ${bytesText(event.bytes)}`,
      );
      break;
    default:
  }
}
