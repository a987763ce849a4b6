import { storedFiles, type DueAssets } from "../../archive/due.ts";
import { createVerifyResults } from "../../archive/verify-results.ts";
import type { Downloader } from "../../assets/download/download.ts";
import type { Database } from "../../db/connection.ts";
import { inParallel } from "../../lib/concurrency.ts";
import type { Emit } from "../events.ts";

/** Files that one run looks at: the same few milliseconds whatever the size of the library. */
const SHARE = 500;
const WIDTH = 16;

type Looking = { db: Database; downloader: Pick<Downloader, "isThere">; emit: Emit };

/**
 * Looks whether stored files still lie where they should, with their size: all of a small library, of a large one
 * another share in each run. What is lost is wanted again, so that this run fetches it. `verify` looks at everything.
 */
export async function findLostFiles({ db, downloader, emit }: Looking, due: DueAssets, runId: number): Promise<void> {
  const lost: { id: number; path: string; sha256: string | null; storedAt: number | null; reason: string }[] = [];
  await inParallel(storedFiles(db, due, runId * SHARE, SHARE), WIDTH, async (file) => {
    if (!(await downloader.isThere(file)))
      lost.push({ ...file, reason: "missing or of another size when sync looked" });
  });
  if (lost.length === 0) return;
  createVerifyResults(db).recordLost(lost);
  emit({ type: "lost", count: lost.length });
}
