import { storedFiles, type DueAssets } from "../../archive/due.ts";
import { createVerifyResults } from "../../archive/verify-results.ts";
import type { Downloader } from "../../assets/download/download.ts";
import type { Database } from "../../db/connection.ts";
import { inParallel } from "../../lib/concurrency.ts";
import type { Emit } from "../events.ts";

/** Files that one run checks: a few milliseconds, whatever the size of the library. */
const FILES_PER_RUN = 500;
const CONCURRENCY = 16;

type FindLostDeps = { db: Database; downloader: Pick<Downloader, "isThere">; emit: Emit };

/**
 * Checks whether stored files are still there and have their size: all files of a small library, other 500 of a large one
 * in each run. Lost files become wanted again, so that this run fetches them. `verify` checks everything.
 */
export async function findLostFiles(
  { db, downloader, emit }: FindLostDeps,
  due: DueAssets,
  runId: number,
): Promise<void> {
  const lost: { id: number; path: string; sha256: string | null; storedAt: number | null; reason: string }[] = [];
  await inParallel(storedFiles(db, due, runId * FILES_PER_RUN, FILES_PER_RUN), CONCURRENCY, async (file) => {
    if (!(await downloader.isThere(file)))
      lost.push({ ...file, reason: "missing or of another size when sync looked" });
  });
  if (lost.length === 0) return;
  createVerifyResults(db).recordLost(lost);
  emit({ type: "lost", count: lost.length });
}
