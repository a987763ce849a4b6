import type { Database } from "../../db/connection.ts";
import { rebuildFullTextIndex } from "../../db/full-text.ts";
import { checkFullText } from "../../db/check-full-text.ts";

export type IndexDeps = { db: Database; signal: AbortSignal; onProgress?: (clips: number) => void };

/**
 * Makes the full-text index anew from the clips; `troubles` is what was wrong with the old one, at most 20 lines. The
 * caller holds the archive's lock. Throws the signal's reason, and then the index is as it was.
 */
export async function rebuildIndex({
  db,
  signal,
  onProgress,
}: IndexDeps): Promise<{ clips: number; troubles: string[] }> {
  const troubles = troublesOf(db);
  return { clips: await rebuildFullTextIndex(db, signal, onProgress), troubles };
}

function troublesOf(db: Database): string[] {
  try {
    return checkFullText(db, true);
  } catch (error) {
    if (!/^SQLITE_(CORRUPT|ERROR)/.test((error as { code?: string }).code ?? "")) throw error;
    return [`the index could not be read: ${(error as Error).message}`];
  }
}
