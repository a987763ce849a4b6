import type { Database } from "../../db/connection.ts";
import { rebuildFullTextIndex } from "../../db/full-text.ts";
import { checkFullText } from "../../db/check-full-text.ts";

export type IndexDeps = { db: Database; signal: AbortSignal; onProgress?: (clips: number) => void };

/**
 * Rebuilds the full-text index from the clips. `troubles` is what was wrong with the old index, at most 20 lines. The
 * caller holds the archive's lock. Throws the signal's reason, and leaves the old index then.
 */
export async function rebuildIndex({
  db,
  signal,
  onProgress,
}: IndexDeps): Promise<{ clips: number; troubles: string[] }> {
  const troubles = oldIndexProblems(db);
  return { clips: await rebuildFullTextIndex(db, signal, onProgress), troubles };
}

function oldIndexProblems(db: Database): string[] {
  try {
    return checkFullText(db, true);
  } catch (error) {
    if (!/^SQLITE_(CORRUPT|ERROR)/.test((error as { code?: string }).code ?? "")) throw error;
    return [`the index could not be read: ${(error as Error).message}`];
  }
}
