import { eq } from "drizzle-orm";
import { write } from "../../archive/transaction.ts";
import { isSafePath } from "../../assets/store/files.ts";
import type { AssetStore } from "../../assets/store/store.ts";
import type { Database } from "../../db/connection.ts";
import { assets } from "../../db/schema.ts";
import { MirrorError } from "../../lib/errors.ts";
import { findFileConflicts } from "../database/check-file-rows.ts";
import type { JournaledFile, JournalContents } from "../database/journal-contents.ts";

export type FileRowRepair = {
  changesMade: string[];
  /** Ids of rows that are right, but whose line is missing from the journal. */
  confirmedRows: Set<number>;
};

/**
 * Decides each conflict between a row and the journal by the bytes on the disk. The row is corrected when they match the
 * journal. When they match neither, the row stays as it is. Throws the signal's reason.
 */
export async function repairFileRows(
  { db, store, signal }: { db: Database; store: AssetStore; signal: AbortSignal },
  journal: JournalContents,
): Promise<FileRowRepair> {
  const confirmedRows = new Set<number>();
  let repaired = 0;
  for (const { row, journaled } of findFileConflicts(db, journal)) {
    signal.throwIfAborted();
    if (journaled && (await isOnDisk(store, journaled, signal))) {
      const { path, bytes, sha256 } = journaled;
      write(db, () => void db.update(assets).set({ path, bytes, sha256 }).where(eq(assets.id, row.id)).run());
      repaired++;
    } else if (await isOnDisk(store, row, signal)) confirmedRows.add(row.id);
  }
  const rows = repaired === 1 ? "file row was" : "file rows were";
  return { changesMade: repaired > 0 ? [`${repaired} ${rows} repaired from the journal`] : [], confirmedRows };
}

async function isOnDisk(
  store: AssetStore,
  { path, bytes, sha256 }: JournaledFile,
  signal: AbortSignal,
): Promise<boolean> {
  if (path === null || !isSafePath(path)) return false;
  try {
    const found = await store.sha256(path, signal);
    return found.sha256 === sha256 && found.bytes === bytes;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof MirrorError)) throw error;
    return false;
  }
}
