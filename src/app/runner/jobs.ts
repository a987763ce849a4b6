import { EXIT, MirrorError } from "../../lib/errors.ts";
import type { Begun } from "./runner-types.ts";

/** What is at work: at most one sync and one verify. */
export type Jobs = {
  /** Begins one, unless one of that kind is at work. Throws MirrorError once the signal has aborted. */
  begin(what: "sync" | "verify", start: () => Promise<unknown>): Begun;
  /** Waits for the end of what is at work. */
  ended(what?: "sync" | "verify"): Promise<void>;
};

export function startJobs(signal: AbortSignal): Jobs {
  const atWork = new Map<"sync" | "verify", { since: number; done: Promise<void> }>();
  return {
    begin(what, start) {
      const other = atWork.get(what);
      if (other) return { busy: what, since: other.since };
      if (signal.aborted) throw new MirrorError("stopping", EXIT.unexpected, "it is stopping");
      const work = async () => {
        await start().catch(() => {});
        atWork.delete(what);
      };
      const since = Date.now();
      atWork.set(what, { since, done: work() });
      return { began: what, at: since };
    },
    async ended(what) {
      const jobs = [...atWork].filter(([name]) => what === undefined || name === what);
      await Promise.all(jobs.map(([, { done }]) => done));
    },
  };
}
