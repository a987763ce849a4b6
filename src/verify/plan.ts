import { unfinishedVerify, type UnfinishedVerify } from "../archive/verify-results.ts";
import type { Database } from "../db/connection.ts";
import {
  readArchiveFile,
  readArchiveFiles,
  countArchiveFiles,
  longestUnverified,
  type ArchiveFile,
  type FileTotals,
} from "../query/lists/archive-files.ts";

/** How thoroughly each file is checked: its size, its bytes, or its bytes and a decoder. */
export type VerifyMode = "quick" | "full" | "decode";

export type VerifyOptions = {
  mode: VerifyMode;
  /** Checks only this percentage of the files, those whose bytes were verified longest ago first. */
  subsetPercent?: number;
  /** No file is started after this time. */
  maxDurationMs?: number;
  /** Starts at the first file, even when an earlier verify was stopped halfway. */
  restart?: boolean;
};

/** Which files a verify checks, and in which order. */
export type VerifyPlan = {
  /** Of the files that are still to be checked. */
  totals: FileTotals;
  /** The stopped verify that this one continues. */
  resumed: UnfinishedVerify | undefined;
  /** True when a later verify can continue this one after it was stopped. */
  canResume: boolean;
  /** Reads the rows page by page. Call it once. */
  files(): Generator<ArchiveFile>;
};

const PAGE = 500;

/**
 * All files in the order of their ids. After a stopped `--full` or `--decode`: first the files that it found damaged, then
 * those that it did not reach. A subset is ordered by the time of the last verify, never verified files first, so it
 * needs no stored position.
 */
export function planVerify(db: Database, { mode, subsetPercent, restart }: VerifyOptions): VerifyPlan {
  if (subsetPercent !== undefined) return planSubset(db, subsetPercent);
  const canResume = mode !== "quick";
  const resumed = canResume && !restart ? unfinishedVerify(db, mode) : undefined;
  const { after = 0, again = [] } = resumed ?? {};
  const rest = countArchiveFiles(db, after);
  return {
    totals: { files: rest.files + again.length, bytes: rest.bytes },
    resumed,
    canResume,
    *files() {
      yield* filesByIds(db, again);
      yield* filesAfter(db, after);
    },
  };
}

function planSubset(db: Database, percent: number): VerifyPlan {
  const { files } = countArchiveFiles(db);
  const subset = longestUnverified(db, Math.ceil((files * percent) / 100));
  const bytes = subset.reduce((sum, file) => sum + file.bytes, 0);
  const ids = subset.map(({ id }) => id);
  return {
    totals: { files: ids.length, bytes },
    resumed: undefined,
    canResume: false,
    files: () => filesByIds(db, ids),
  };
}

function* filesByIds(db: Database, ids: number[]): Generator<ArchiveFile> {
  for (const id of ids) {
    const file = readArchiveFile(db, id);
    if (file) yield file;
  }
}

function* filesAfter(db: Database, start: number): Generator<ArchiveFile> {
  for (let after = start; ;) {
    const files = readArchiveFiles(db, after, PAGE);
    yield* files;
    if (files.length < PAGE) return;
    after = files.at(-1)!.id;
  }
}
