import { eq } from "drizzle-orm";
import { write } from "../../archive/transaction.ts";
import { isSafePath } from "../../assets/store/files.ts";
import type { AssetStore } from "../../assets/store/store.ts";
import type { Database } from "../../db/connection.ts";
import { assets } from "../../db/schema.ts";
import { MirrorError } from "../../lib/errors.ts";
import { strayFiles } from "../database/check-file-rows.ts";
import type { FileTold, JournalContents } from "../database/journal-contents.ts";

export type MendedFiles = {
  said: string[];
  /** Ids of rows that are right, and whose line the journal lacks. */
  proven: Set<number>;
};

/**
 * Gives a row back what the journal tells of its file, where the file that lies there is that very one. Where neither fits
 * what lies there, the digest that is stored stays. Throws the signal's reason.
 */
export async function mendFiles(
  { db, store, signal }: { db: Database; store: AssetStore; signal: AbortSignal },
  journal: JournalContents,
): Promise<MendedFiles> {
  const proven = new Set<number>();
  let mended = 0;
  for (const { row, told } of strayFiles(db, journal)) {
    signal.throwIfAborted();
    if (told && (await lies(store, told, signal))) {
      const { path, bytes, sha256 } = told;
      write(db, () => void db.update(assets).set({ path, bytes, sha256 }).where(eq(assets.id, row.id)).run());
      mended++;
    } else if (await lies(store, row, signal)) proven.add(row.id);
  }
  const rows = mended === 1 ? "row of a file was" : "rows of files were";
  return { said: mended > 0 ? [`${mended} ${rows} made anew from the journal`] : [], proven };
}

async function lies(store: AssetStore, { path, bytes, sha256 }: FileTold, signal: AbortSignal): Promise<boolean> {
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
