import type { RunnerEvent, RunnerOptions } from "../app/runner/runner-types.ts";
import type { Config } from "../config.ts";
import type { ArchiveHandle } from "./archive-handle.ts";
import type { PassOn } from "./pass-on/pass-on.ts";
import type { EventLog } from "./events/event-log.ts";
import type { Keys } from "./keys/keys.ts";
import type { WrongKeys } from "./keys/wrong-keys.ts";
import type { RemoteRunner } from "./runner/remote-runner.ts";
import type { Workers } from "./workers/workers.ts";

/** How `serve` was started. */
export type ServeOptions = {
  /** A key is asked for on loopback addresses too. */
  requireKey: boolean;
  /** Replayed documents name our own addresses for stored files. */
  rewriteUrls: boolean;
  /** What is asked of the API with the caller's own token; undefined: nothing. */
  passOn?: PassOn | undefined;
  /** Ids come by themselves: an archive is made where there is none. */
  mayBeginEmpty?: boolean | undefined;
  /** The last complete run may be this old for `/readyz`. */
  maxAgeMs: number;
  /** What goes upstream. Without a schedule the runner starts when it is first needed. */
  runner?: RunnerOptions | undefined;
  /** Takes callbacks on a port of its own; with `trackNew` also those of ids that are not tracked yet. */
  receive?: { trackNew: boolean } | undefined;
  /** The settings as they are now, for each run. */
  settings?: (() => Config) | undefined;
  /** Prints a line for the person. */
  note?: ((line: string) => void) | undefined;
  /** Hears all that the runner does. */
  onRunner?: ((event: RunnerEvent) => void) | undefined;
};

/** What every route works with. */
export type ServerContext = {
  config: Config;
  options: ServeOptions;
  /** The database of the main thread: for short questions alone. */
  archive: ArchiveHandle;
  /** Answers what may take long, beside the main thread. */
  workers: Workers;
  keys: Keys;
  wrongKeys: WrongKeys;
  /** Started when it is first needed, if `serve` does not keep the archive up to date. Rejects as startRunner does. */
  runner: () => Promise<RemoteRunner>;
  events: EventLog;
};
