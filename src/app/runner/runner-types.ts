import type { Config } from "../../config.ts";
import type { MissingFile } from "../../query/stats/problems.ts";
import type { Status } from "../../query/stats/status.ts";
import type { SyncEvent } from "../../sync/events.ts";
import type { SyncReport } from "../../sync/run-types.ts";
import type { RunProblem } from "../../sync/tally.ts";
import type { VerifyReport } from "../../verify/report.ts";
import type { SyncOnceOptions } from "../run-sync.ts";
import type { Happening } from "./happenings.ts";

/** `tick`: a run of the schedule; `sync`: one that somebody asked for; `question`: open tasks, between two runs. */
export type SyncJob = "tick" | "sync" | "question";

export type Schedule = {
  /** Five fields, or six with seconds first. */
  cron: string;
  /** An IANA name. */
  timezone: string;
  /** Each run comes up to so much later. */
  jitterMs?: number;
};

/** What the runner does. It crosses a thread, so it holds data alone. */
export type RunnerOptions = {
  /** The command that holds the lock, as others are reported. */
  name: string;
  /** Undefined: nothing runs but what is asked for. */
  schedule: Schedule | undefined;
  /** The limits of each run. */
  bounds: Pick<SyncOnceOptions, "maxDurationMs" | "maxTransferBytes" | "bytesPerSecond">;
  /** Ids come by themselves: a schedule begins though nothing is tracked yet. */
  mayBeEmpty?: boolean;
  /** A locked archive at the very first run ends the runner. */
  firstMustRun?: boolean;
  /** A program and its arguments, started for each happening. */
  exec?: string[] | undefined;
  /** Asked (GET) after each complete run. */
  ping?: string | undefined;
};

export type RunnerEvent =
  | { type: "began"; job: SyncJob | "verify"; at: number }
  | { type: "progress"; job: SyncJob; event: SyncEvent }
  | { type: "ran"; job: SyncJob; report: SyncReport; status: Status; missing: MissingFile[] }
  | { type: "failed"; job: SyncJob | "verify"; problem: RunProblem; at: number }
  | { type: "verified"; report: VerifyReport; at: number }
  | { type: "happened"; happening: Happening }
  | { type: "note"; message: string };

export type EmitRunner = (event: RunnerEvent) => void;

/** What was begun, or what is at work and so prevents it. Times in milliseconds UTC. */
export type Begun = { began: "sync" | "verify"; at: number } | { busy: "sync" | "verify"; since: number };

/** Does all work of a process that goes upstream: one run at a time, through one connection with one rate. */
export type Runner = {
  /** Begins a run now, after a question that is under way. */
  syncNow(): Begun;
  /** Begins a verify beside whatever runs. */
  verifyNow(mode: "quick" | "full"): Begun;
  /** These tracked tasks are asked for at once, in one question. */
  fetchSoon(ids: string[]): void;
  /** Ends when the runner has ended. Rejects with what ended it early. */
  done: Promise<void>;
  /** Ends what is at work in an orderly way; `reason` as of a signal. */
  stop(reason: Error): Promise<void>;
};

/** The settings as they are now: a token may be replaced while the runner runs. */
export type CurrentSettings = () => Config | Promise<Config>;
