import { randomBytes } from "node:crypto";
import type { ServerEvent } from "./event-text.ts";

/** The last events, each with an id by which a reader goes on. */
export type EventLog = {
  add(event: ServerEvent): void;
  /** What came after this id, as the text of a stream; all of it, after an event `missed`, for an id that is no longer known. */
  after(lastId: string | undefined): string;
  /** Gets the text of each event from now on. The returned function ends that. */
  listen(hear: (text: string) => void): () => void;
};

const KEPT = 1000;

/** Ids are of this start of the server: those of an earlier one are not known. */
export function createEventLog(): EventLog {
  const start = randomBytes(4).toString("hex");
  const kept: { number: number; text: string }[] = [];
  const listeners = new Set<(text: string) => void>();
  let last = 0;
  return {
    add(event) {
      const text = `id: ${start}-${++last}\nevent: ${event.event}\ndata: ${JSON.stringify(event)}\n\n`;
      kept.push({ number: last, text });
      if (kept.length > KEPT) kept.shift();
      for (const hear of listeners) hear(text);
    },
    after(lastId) {
      if (lastId === undefined) return "";
      const [, from, number = ""] = /^([0-9a-f]+)-(\d{1,15})$/.exec(lastId) ?? [];
      const first = kept[0]?.number ?? last + 1;
      const seen = from === start ? Number(number) : -1;
      const isKnown = seen >= first - 1 && seen <= last;
      const missed = isKnown ? "" : 'event: missed\ndata: {"event":"missed"}\n\n';
      return missed + kept.flatMap((one) => (isKnown && one.number <= seen ? [] : [one.text])).join("");
    },
    listen(hear) {
      listeners.add(hear);
      return () => void listeners.delete(hear);
    },
  };
}
