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
  /** Of these, files without a line in the journal: their digest is that of their present bytes. */
  adopted: number;
  /** Files with a line in the journal that are missing, or have another size. */
  lost: number;
  wanted: number;
  bytes: number;
};

type StoredEntry = Extract<JournalEntry, { type: "stored" }>;
type Row = Pick<AssetRow, "id" | "taskId" | "clipId" | "kind" | "removedAt"> & {
  expectedSeconds: number | null;
  purgedAt: number | null;
};
type FoundFile = { row: Row; file: StoredFacts; at: number; isOnDisk: boolean };

const PAGE = 500;

/**
 * Finds the file of each row: by its line in the journal, which is compared with the size on the disk (the bytes are left
 * to `verify --full`), else by its name, checked and hashed like a download.
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
    const known: FoundFile[] = [];
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
      for (const { row, file, at, isOnDisk } of known) {
        writer.markStored(row, file, at);
        if (row.removedAt !== null)
          db.update(assets)
            .set(inTrash(row, file.path, row.removedAt))
            .where(eq(assets.id, row.id))
            .run();
        else if (!isOnDisk) db.update(assets).set(LOST).where(eq(assets.id, row.id)).run();
      }
    });
  }
  return found;
}

/** The same as `verify` records for a missing file: it is fetched again, and its digest is still known. */
const LOST = { state: "wanted", lastError: "rebuild did not find the file" };

/** For a removed clip: `rm --undo` finds its file in the trash. A purged clip has no file. */
function inTrash({ purgedAt }: Row, path: string | null, removedAt: number): Partial<AssetRow> {
  return {
    state: "gone",
    path: null,
    trashPath: path === null || purgedAt !== null ? null : trashPath(path, removedAt),
    nextAttemptAt: null,
  };
}

function count(found: FilesFound, file: FoundFile | undefined, isKnown: boolean): void {
  if (file?.isOnDisk) {
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

async function fromEntry(store: AssetStore, row: Row, { at, ...entry }: StoredEntry): Promise<FoundFile> {
  const onDisk = await store.stat(entry.path ?? "");
  const isOnDisk = onDisk?.type === "file" && onDisk.bytes === entry.bytes;
  return { row, file: entry, at, isOnDisk };
}

async function fromDisk(store: AssetStore, row: Row, now: number, signal: AbortSignal): Promise<FoundFile | undefined> {
  const id = row.clipId ?? row.taskId;
  const want = { id, kind: row.kind as AssetKind, url: "", durationSeconds: row.expectedSeconds };
  const file = await adoptFile(store, want, signal);
  return file ? { row, file, at: now, isOnDisk: true } : undefined;
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
    .limit(PAGE)
    .all();
}
