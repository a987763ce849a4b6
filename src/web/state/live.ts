import { signal } from "@preact/signals";
import { isUnreachable, needsLogin } from "./api.ts";

/** What the service tells: the events of its runs, by name. */
export type LiveEvent = { event: string; at: string } & Record<string, unknown>;

/** What is at work now, as far as was reported since the page was opened. */
export type Work = {
  kind: "sync" | "verify";
  since: string;
  /** Requests that are planned, and records that came. */
  requests: number | undefined;
  due: number;
  records: number;
  fresh: number;
  files: number;
  wanted: number;
  bytes: number;
  failed: number;
};

export const work = signal<Work | null>(null);

const NAMES = (
  "run.began run.planned run.saved run.stored run.assetFailed run.taskFailed run.stopped " +
  "run.complete run.incomplete run.failed question.complete song.safe song.changed asset.gone " +
  "verify.began verify.complete verify.failed verify.damaged missed"
).split(" ");
const AGAIN_MS = 4000;
/** A page that nobody looks at gives its connection back: a browser has six for each service. */
const HIDDEN_MS = 30_000;

const listeners = new Set<(event: LiveEvent) => void>();
let source: EventSource | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let wasLost = false;

/** Hears each event; `missed` says that some may have been. */
export function onLive(hear: (event: LiveEvent) => void): () => void {
  listeners.add(hear);
  return () => void listeners.delete(hear);
}

/** Listens to the service for as long as the page is looked at. The browser asks again by itself, from the last event on. */
export function startLive(): void {
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.visibilityState === "visible") open();
    else timer = setTimeout(close, HIDDEN_MS);
  });
  needsLogin.subscribe((needs) => {
    if (needs) close();
    else if (document.visibilityState === "visible") open();
  });
}

function open(): void {
  if (source && source.readyState !== EventSource.CLOSED) return;
  source?.close();
  source = new EventSource("/api/events");
  source.addEventListener("open", () => {
    isUnreachable.value = false;
    if (wasLost) tell({ event: "missed", at: new Date().toISOString() });
    wasLost = false;
  });
  source.addEventListener("error", lost);
  for (const name of NAMES)
    source.addEventListener(name, (event) => tell(JSON.parse((event as MessageEvent<string>).data) as LiveEvent));
}

function lost(): void {
  wasLost = true;
  if (source?.readyState === EventSource.CONNECTING) isUnreachable.value = true;
  // Refused rather than lost (a key is needed, too many readers): the browser gives up, and we ask again.
  if (source?.readyState === EventSource.CLOSED) timer = setTimeout(() => !needsLogin.value && open(), AGAIN_MS);
}

function close(): void {
  source?.close();
  source = undefined;
  wasLost = true;
}

function tell(event: LiveEvent): void {
  work.value = after(work.value, event);
  for (const hear of listeners) hear(event);
}

const IDLE: Work = {
  kind: "sync",
  since: "",
  requests: undefined,
  due: 0,
  records: 0,
  fresh: 0,
  files: 0,
  wanted: 0,
  bytes: 0,
  failed: 0,
};

/** What is at work after an event. */
function after(now: Work | null, event: LiveEvent): Work | null {
  // A question about an open task is over in a moment.
  if (event["by"] === "question") return now;
  const sync = now?.kind === "sync" ? now : { ...IDLE, since: event.at };
  const number = (name: string) => Number(event[name] ?? 0);
  switch (event.event) {
    case "run.began":
      return { ...IDLE, since: event.at };
    case "run.planned":
      return { ...sync, requests: number("requests"), due: number("due"), wanted: number("wanted") };
    case "run.saved": {
      const tasks = event["tasks"] as { change: string }[];
      const fresh = tasks.filter(({ change }) => change === "new").length;
      return { ...sync, records: sync.records + number("records"), fresh: sync.fresh + fresh };
    }
    case "run.stored":
      return { ...sync, files: sync.files + 1, bytes: sync.bytes + number("bytes") };
    case "run.assetFailed":
    case "run.taskFailed":
      return { ...sync, failed: sync.failed + 1 };
    case "verify.began":
      return { ...IDLE, kind: "verify", since: event.at };
    case "run.complete":
    case "run.incomplete":
    case "run.failed":
    case "run.stopped":
    case "verify.complete":
    case "verify.failed":
    case "missed":
      return null;
    default:
      return now;
  }
}
