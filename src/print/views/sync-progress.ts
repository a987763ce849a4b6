import type { Emit, SyncEvent } from "../../sync/events.ts";
import type { ByKind } from "../../lib/asset-kinds.ts";
import { sumOf } from "../../lib/sum-of.ts";
import { bytesText, countOf, countText } from "../output/numbers.ts";
import type { Output } from "../output/output.ts";
import { estimate, FILES_FOR_A_SIZE, sizeLine, timeLeft, type Fetched } from "./estimate.ts";
import { FailedFiles, failedLine } from "./failed-files.ts";
import { planLine } from "./plan-line.ts";

type Seen = Fetched & {
  bytes: number;
  retries: number;
  /** When the first byte of a file came; undefined before. */
  firstByteAt: number | undefined;
  failures: FailedFiles;
};

/** Prints the events of a run: a progress line, notes, and details with `-v`. Dispose of it before the summary. */
export function showProgress(output: Output, now: () => number): { emit: Emit } & Disposable {
  const seen: Seen = {
    due: 0,
    answered: 0,
    planned: {},
    named: {},
    stored: {},
    storedBytes: {},
    failed: {},
    meanBefore: {},
    bytes: 0,
    retries: 0,
    firstByteAt: undefined,
    failures: new FailedFiles(),
  };
  const line = output.progress(() => render(seen, now()));
  return {
    emit: (event) => {
      count(seen, event, now);
      printEvent(output, event);
      if (event.type === "stored" && sumOf(seen.stored) === FILES_FOR_A_SIZE && estimate(seen).bytesLeft > 0)
        output.note(sizeLine(seen));
    },
    [Symbol.dispose]: () => {
      line[Symbol.dispose]();
      seen.failures.lines().forEach((text) => output.note(text));
    },
  };
}

function count(seen: Seen, event: SyncEvent, now: () => number): void {
  if (event.type === "planned")
    Object.assign(seen, { due: event.due, planned: event.wanted, meanBefore: event.meanBytes });
  if (event.type === "saved") {
    seen.answered += event.saved.length;
    for (const { assetsWanted } of event.saved) for (const kind of assetsWanted) add(seen.named, kind, 1);
  }
  if (event.type === "notSeen" || event.type === "taskFailed") seen.answered += event.ids.length;
  if (event.type === "bytes") {
    seen.firstByteAt ??= now();
    seen.bytes += event.count;
  }
  if (event.type === "stored") {
    add(seen.stored, event.asset.kind, 1);
    add(seen.storedBytes, event.asset.kind, event.bytes);
  }
  if (event.type === "assetFailed") {
    add(seen.failed, event.asset.kind, 1);
    seen.failures.add(event);
  }
  if (event.type === "hostUnreached") seen.failures.forget(event.host);
  if (event.type === "retry") seen.retries++;
}

function add(counts: ByKind, kind: string, more: number): void {
  counts[kind as keyof ByKind] = (counts[kind as keyof ByKind] ?? 0) + more;
}

/** Only what is known: a run without tasks to request says nothing of tasks. */
function render(seen: Seen, now: number): string {
  const [stored, wanted] = [sumOf(seen.stored), sumOf(seen.planned) + sumOf(seen.named)];
  const seconds = seen.firstByteAt === undefined ? 0 : Math.max(1, (now - seen.firstByteAt) / 1000);
  const speed = seconds === 0 ? 0 : seen.bytes / seconds;
  const [left, failed] = [timeLeft(seen, speed), seen.failures.count];
  const parts = [
    ...(seen.due > 0 ? [`tasks ${countText(seen.answered)}/${countText(seen.due)}`] : []),
    ...(wanted > 0 ? [`files ${countText(stored)}/${countText(Math.max(wanted, stored))}`] : []),
    ...(seen.bytes > 0 ? [bytesText(seen.bytes), `${bytesText(speed)}/s`] : []),
    ...(left === undefined ? [] : [left]),
    ...(failed > 0 ? [`${countText(failed)} failed`] : []),
    ...(seen.retries > 0 ? [seen.retries === 1 ? "1 retry" : `${countText(seen.retries)} retries`] : []),
  ];
  return parts.join("  ");
}

function printEvent(output: Output, event: SyncEvent): void {
  switch (event.type) {
    case "planned":
      if (event.due > 0 || sumOf(event.wanted) > 0) output.note(planLine(event));
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
      output.detail(failedLine(event));
      break;
    case "lost":
      output.note(`stored files that are missing or damaged: ${countText(event.count)}; they will be fetched again`);
      break;
    case "differs":
      output.note(
        `${event.asset.kind} of ${event.asset.clipId ?? event.asset.taskId}: upstream now has different bytes than the lost file; they are stored as ${event.path}`,
      );
      break;
    case "quarantinedRemoved":
      output.note(
        `${event.asset.kind} of ${event.asset.clipId ?? event.asset.taskId}: the right bytes are back; ${countOf(event.count, "damaged file")} removed`,
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
