import { and, isNotNull } from "drizzle-orm";
import { isSafePath } from "../../assets/store/files.ts";
import type { Database } from "../../db/connection.ts";
import { assets } from "../../db/schema.ts";
import { fileKey, type FileTold, type JournalContents } from "./journal-contents.ts";

type Row = { id: number; taskId: string; clipId: string | null; kind: string } & FileTold;

/** A row of a file that the journal tells otherwise of; `told`: what it says last, undefined when nothing. */
export type StrayFile = { row: Row; told: FileTold | undefined; text: string };

/**
 * Rows whose file is none of those that the journal tells of, or whose path leads out of the assets folder. Which of the
 * two is right, the row or the journal, only the file itself can tell. Those of which the journal says nothing are not
 * among them.
 */
export function strayFiles(db: Database, { stored }: JournalContents): StrayFile[] {
  const { id, taskId, clipId, kind, path, bytes, sha256 } = assets;
  const rows = db
    .select({ id, taskId, clipId, kind, path, bytes, sha256 })
    .from(assets)
    .where(and(isNotNull(path), isNotNull(sha256)))
    .all();
  return rows.flatMap((row) => {
    const lines = stored.get(fileKey(row)) ?? [];
    const told = lines.at(-1);
    const what = `${row.kind} of ${row.clipId ?? row.taskId}`;
    if (!isSafePath(row.path ?? ""))
      return [{ row, told, text: `${what}: the path in its row leads out of the assets folder` }];
    const isTold = lines.some((line) => line.sha256 === row.sha256 && line.bytes === row.bytes);
    if (told === undefined || isTold) return [];
    return [{ row, told, text: `${what}: its row has another size or digest than the journal` }];
  });
}
