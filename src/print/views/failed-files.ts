import type { SyncEvent } from "../../sync/events.ts";
import { countOf, countText } from "../output/numbers.ts";

type Failed = Extract<SyncEvent, { type: "assetFailed" }>;
type Reason = { files: number; first: string; isSame: boolean };

/** Reasons that are named for one host. */
const NAMED = 3;

/**
 * The files that a run could not fetch, by host: a host that is down gives one line, however many files it has. A reason
 * is one with another that differs in numbers and ids alone.
 */
export class FailedFiles {
  readonly #hosts = new Map<string, { first: Failed; files: number; reasons: Map<string, Reason> }>();

  add(event: Failed): void {
    const { url } = event.asset;
    const name = URL.canParse(url) ? new URL(url).host : "an address that is none";
    const host = this.#hosts.get(name) ?? { first: event, files: 0, reasons: new Map<string, Reason>() };
    this.#hosts.set(name, host);
    host.files++;
    const kind = event.message.replaceAll(/[0-9a-f-]{36}|\d+/g, "#");
    const reason = host.reasons.get(kind) ?? { files: 0, first: event.message, isSame: true };
    const isSame = reason.isSame && reason.first === event.message;
    host.reasons.set(kind, { ...reason, files: reason.files + 1, isSame });
  }

  /** Another line says it all of this host. */
  forget(host: string): void {
    this.#hosts.delete(host);
  }

  get count(): number {
    return [...this.#hosts.values()].reduce((sum, { files }) => sum + files, 0);
  }

  /** `cdn.example: 368 files failed: cannot be reached: ECONNREFUSED`, a line a host; one file is named instead. */
  lines(): string[] {
    return [...this.#hosts].map(([name, { first, files, reasons }]) => {
      if (files === 1) return failedLine(first);
      const common = [...reasons.values()].toSorted((one, other) => other.files - one.files);
      const named = common.slice(0, NAMED).map((reason) => {
        const text = `${reason.isSame ? "" : "such as "}${withoutHost(reason.first, name)}`;
        return common.length === 1 ? text : `${countText(reason.files)} × ${text}`;
      });
      const rest = common.slice(NAMED).reduce((sum, reason) => sum + reason.files, 0);
      const more = rest > 0 ? [`${countText(rest)} for other reasons`] : [];
      return `${name}: ${countOf(files, "file")} failed: ${[...named, ...more].join("; ")}`;
    });
  }
}

export function failedLine({ asset, message }: Failed): string {
  return `${asset.kind} of ${asset.clipId ?? asset.taskId}: ${message}`;
}

/** The line begins with the host already. */
function withoutHost(message: string, host: string): string {
  return message.startsWith(`${host} `) ? message.slice(host.length + 1) : message;
}
