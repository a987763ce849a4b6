import type { Api } from "../api/client.ts";
import type { Journal } from "../archive/journal/entry.ts";
import type { RunEnd } from "../archive/runs.ts";
import type { Downloader } from "../assets/download/download.ts";
import type { Database } from "../db/connection.ts";
import type { AssetKind } from "../lib/asset-kinds.ts";
import type { Emit } from "./events.ts";
import type { RunProblem } from "./tally.ts";

export type SyncDeps = {
  db: Database;
  home: string;
  /** Free bytes on the disk of the files, for the plan that is printed; null when unknown. */
  freeBytes?: number | null;
  journal: Journal;
  /** Absent with `--assets-only`. */
  api: Api | undefined;
  /** Absent with `--no-assets`. */
  downloader: Downloader | undefined;
  emit: Emit;
  now: () => number;
  signal: AbortSignal;
};

export type SyncOptions = {
  trigger: "manual" | "watch" | "demo";
  kinds: AssetKind[];
  batchSize: number;
  concurrency: number;
  ratePerSecond: number;
  /** Also fetches settled tasks and gone files again. */
  refresh?: boolean;
  /** Only these task ids. */
  only?: string[] | undefined;
  limit?: number | undefined;
  maxDurationMs?: number | undefined;
  maxTransferBytes?: number | undefined;
  /** A question between two runs: it leaves no row in `sync_runs`, and stored files are not looked at. */
  betweenRuns?: boolean;
  /** Files with ids that could not be read. */
  notRead?: RunProblem[] | undefined;
  /** Why the run fetches no tasks although it should; its files are fetched all the same. */
  tasksSkipped?: RunProblem | undefined;
};

export type SyncReport = RunEnd & {
  id: number;
  startedAt: number;
  problem: RunProblem | undefined;
  problems: RunProblem[];
  waiting: number;
};
