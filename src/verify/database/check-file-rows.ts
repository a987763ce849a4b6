import { and, isNotNull } from "drizzle-orm";
import { isSafePath } from "../../assets/store/files.ts";
import type { Database } from "../../db/connection.ts";
import { assets } from "../../db/schema.ts";
import { fileKey, type JournaledFile, type JournalContents } from "./journal-contents.ts";

type Row = { id: number; taskId: string; clipId: string | null; kind: string } & JournaledFile;

/** A file row that contradicts the journal. `journaled`: the journal's last entry for the file, undefined when it has none. */
export type FileConflict = { row: Row; journaled: JournaledFile | undefined; text: string };

/**
 * Rows whose size or digest is in no journal entry of the file, or whose path leads out of the assets folder. Only the file
 * itself can show whether the row or the journal is right. Rows without any journal entry are not included.
 */
export function findFileConflicts(db: Database, { stored }: JournalContents): FileConflict[] {
  const { id, taskId, clipId, kind, path, bytes, sha256 } = assets;
  const rows = db
    .select({ id, taskId, clipId, kind, path, bytes, sha256 })
    .from(assets)
    .where(and(isNotNull(path), isNotNull(sha256)))
    .all();
  return rows.flatMap((row) => {
    const lines = stored.get(fileKey(row)) ?? [];
    const journaled = lines.at(-1);
    const what = `${row.kind} of ${row.clipId ?? row.taskId}`;
    if (!isSafePath(row.path ?? ""))
      return [{ row, journaled, text: `${what}: the path in its row leads out of the assets folder` }];
    const isKnown = lines.some((line) => line.sha256 === row.sha256 && line.bytes === row.bytes);
    if (journaled === undefined || isKnown) return [];
    return [{ row, journaled, text: `${what}: the size or digest in its row is not in the journal` }];
  });
}
