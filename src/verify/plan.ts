import { unfinishedVerify, type UnfinishedVerify } from "../archive/verify-results.ts";
import type { Database } from "../db/connection.ts";
import {
  keptFile,
  keptFiles,
  keptTotals,
  longestUnverified,
  type KeptFile,
  type KeptTotals,
} from "../query/lists/archive-files.ts";

/** How deep each file is looked at. */
export type VerifyMode = "quick" | "full" | "decode";

export type VerifyOptions = {
  mode: VerifyMode;
  /** Only so many per cent of the files, those whose bytes were verified longest ago. */
  subsetPercent?: number;
  /** Starts with no further file after this long. */
  maxDurationMs?: number;
  /** From the first file, also where an earlier one was stopped. */
  restart?: boolean;
};

/** Which files a verify looks at, and in which order. */
export type VerifyPlan = {
  /** Of what is still to be looked at. */
  totals: KeptTotals;
  /** Where an earlier one was stopped, and this one goes on. */
  resumed: UnfinishedVerify | undefined;
  /** One that is stopped can be gone on with. */
  canResume: boolean;
  /** Read from the archive in pieces, once. */
  files(): Generator<KeptFile>;
};

const PAGE = 500;

/**
 * All files by id; where `--full` or `--decode` was stopped, those that come after, and before them what was not right.
 * A share is taken by the time of the last verify, those never verified first: it needs no memory of where it was.
 */
export function planVerify(db: Database, { mode, subsetPercent, restart }: VerifyOptions): VerifyPlan {
  if (subsetPercent !== undefined) return planShare(db, subsetPercent);
  const canResume = mode !== "quick";
  const resumed = canResume && !restart ? unfinishedVerify(db, mode) : undefined;
  const { after = 0, again = [] } = resumed ?? {};
  const rest = keptTotals(db, after);
  return {
    totals: { files: rest.files + again.length, bytes: rest.bytes },
    resumed,
    canResume,
    *files() {
      yield* byIds(db, again);
      yield* byId(db, after);
    },
  };
}

function planShare(db: Database, percent: number): VerifyPlan {
  const { files } = keptTotals(db);
  const share = longestUnverified(db, Math.ceil((files * percent) / 100));
  const bytes = share.reduce((sum, file) => sum + file.bytes, 0);
  const ids = share.map(({ id }) => id);
  return { totals: { files: ids.length, bytes }, resumed: undefined, canResume: false, files: () => byIds(db, ids) };
}

function* byIds(db: Database, ids: number[]): Generator<KeptFile> {
  for (const id of ids) {
    const file = keptFile(db, id);
    if (file) yield file;
  }
}

function* byId(db: Database, start: number): Generator<KeptFile> {
  for (let after = start; ;) {
    const files = keptFiles(db, after, PAGE);
    yield* files;
    if (files.length < PAGE) return;
    after = files.at(-1)!.id;
  }
}
