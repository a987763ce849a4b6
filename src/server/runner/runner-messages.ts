import type { Begun, RunnerEvent, RunnerOptions } from "../../app/runner/runner-types.ts";
import type { Callback, TakenCallback } from "../../app/take-callbacks.ts";
import type { Config } from "../../config.ts";
import type { AskedError } from "../workers/messages.ts";

/** What crosses into a thread: everything but the function. */
export type ThreadSettings = Omit<Config, "note" | "serveKey">;

/** What the thread of the runner is started with. */
export type RunnerStart = { config: ThreadSettings; options: RunnerOptions; trackNew: boolean };

export type ToRunner =
  | { type: "begin"; id: number; what: "sync" | "verify"; mode: "quick" | "full" }
  | { type: "callback"; id: number; callback: Callback }
  | { type: "settings"; id: number; settings: ThreadSettings | AskedError }
  | { type: "stop"; reason: string };

export type FromRunner =
  | { type: "started" }
  | { type: "begun"; id: number; begun: Begun }
  | { type: "taken"; id: number; taken: TakenCallback }
  | { type: "refused"; id: number; error: AskedError }
  | { type: "askSettings"; id: number }
  | { type: "event"; event: RunnerEvent }
  | { type: "ended"; error: AskedError | undefined };
