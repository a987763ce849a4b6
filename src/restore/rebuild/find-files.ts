import { eq, gt, asc } from "drizzle-orm";
import { createAssetWriter } from "../../archive/assets.ts";
import type { StoredFacts } from "../../archive/stored-facts.ts";
import { trashPath } from "../../archive/removals.ts";
import type { JournalEntry } from "../../archive/journal/journal.ts";
import { write } from "../../archive/transaction.ts";
import { adoptFile } from "../../assets/download/adopt.ts";
import type { AssetStore } from "../../assets/store/store.ts";
import type { Database } from "../../db/connection.ts";
import { assets, clips, type AssetRow } from "../../db/schema.ts";
import type { AssetKind } from "../../lib/asset-kinds.ts";

export type FilesFound = {
  stored: number;
  /** Of those, the ones that no line of the journal names: their digest is the one that they have now. */
  adopted: number;
  /** Told of by the journal, and not there now, or of another length. */
  lost: number;
  wanted: number;
  bytes: number;
};

type StoredEntry = Extract<JournalEntry, { type: "stored" }>;
type Row = Pick<AssetRow, "id" | "taskId" | "clipId" | "kind" | "removedAt"> & {
  expectedSeconds: number | null;
  purgedAt: number | null;
};
type Known = { row: Row; file: StoredFacts; at: number; isThere: boolean };

const PIECE = 500;

/**
 * Finds the file of each row again: by the line that the journal has for it (its length is compared, its bytes are left
 * to `verify --full`), else by its name, walked and hashed as after a download.
 */
export async function findFiles(
  db: Database,
  store: AssetStore,
  stored: Map<string, StoredEntry>,
  { now, signal, onFile }: { now: number; signal: AbortSignal; onFile(files: number): void },
): Promise<FilesFound> {
  const found: FilesFound = { stored: 0, adopted: 0, lost: 0, wanted: 0, bytes: 0 };
  const writer = createAssetWriter(db, { append() {}, appendUnflushed() {} });
  let files = 0;
  for (let after = 0, rows: Row[]; (rows = rowsAfter(db, after)).length > 0; after = rows.at(-1)?.id ?? after) {
    const known: Known[] = [];
    for (const row of rows) {
      signal.throwIfAborted();
      onFile(++files);
      if (row.removedAt !== null && !stored.has(keyOf(row))) continue;
      const entry = stored.get(keyOf(row));
      const file = entry ? await fromEntry(store, row, entry) : await fromDisk(store, row, now, signal);
      if (file) known.push(file);
      if (row.removedAt === null) count(found, file, entry !== undefined);
    }
    write(db, () => {
      for (const { row, file, at, isThere } of known) {
        writer.markStored(row, file, at);
        if (row.removedAt !== null)
          db.update(assets)
            .set(inTrash(row, file.path, row.removedAt))
            .where(eq(assets.id, row.id))
            .run();
        else if (!isThere) db.update(assets).set(LOST).where(eq(assets.id, row.id)).run();
      }
    });
  }
  return found;
}

/** As `verify` leaves a file that it does not find: due, and its digest still known. */
const LOST = { state: "wanted", lastError: "rebuild did not find the file" };

/** A clip that was taken out: its file is looked for by `rm --undo`; there is none any more of one that was purged. */
function inTrash({ purgedAt }: Row, path: string | null, removedAt: number): Partial<AssetRow> {
  return {
    state: "gone",
    path: null,
    trashPath: path === null || purgedAt !== null ? null : trashPath(path, removedAt),
    nextAttemptAt: null,
  };
}

function count(found: FilesFound, file: Known | undefined, isKnown: boolean): void {
  if (file?.isThere) {
    found.stored++;
    found.bytes += file.file.bytes ?? 0;
    if (!isKnown) found.adopted++;
  } else {
    found.wanted++;
    if (isKnown) found.lost++;
  }
}

function keyOf({ clipId, taskId, kind }: Row): string {
  return `${clipId ?? taskId} ${kind}`;
}

async function fromEntry(store: AssetStore, row: Row, { at, ...entry }: StoredEntry): Promise<Known> {
  const there = await store.stat(entry.path ?? "");
  const isThere = there?.type === "file" && there.bytes === entry.bytes;
  return { row, file: entry, at, isThere };
}

async function fromDisk(store: AssetStore, row: Row, now: number, signal: AbortSignal): Promise<Known | undefined> {
  const id = row.clipId ?? row.taskId;
  const want = { id, kind: row.kind as AssetKind, url: "", durationSeconds: row.expectedSeconds };
  const file = await adoptFile(store, want, signal);
  return file ? { row, file, at: now, isThere: true } : undefined;
}

function rowsAfter(db: Database, after: number): Row[] {
  return db
    .select({
      id: assets.id,
      taskId: assets.taskId,
      clipId: assets.clipId,
      kind: assets.kind,
      removedAt: assets.removedAt,
      purgedAt: clips.purgedAt,
      expectedSeconds: clips.durationSeconds,
    })
    .from(assets)
    .leftJoin(clips, eq(clips.id, assets.clipId))
    .where(gt(assets.id, after))
    .orderBy(asc(assets.id))
    .limit(PIECE)
    .all();
}
