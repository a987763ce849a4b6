import { asc, eq, gt } from "drizzle-orm";
import type { StoredFacts } from "../../archive/stored-facts.ts";
import { adoptFile } from "../../assets/download/adopt.ts";
import type { AssetStore } from "../../assets/store/store.ts";
import { write } from "../../archive/transaction.ts";
import type { Database } from "../../db/connection.ts";
import { assets, clips, type AssetRow } from "../../db/schema.ts";
import type { AssetKind } from "../../lib/asset-kinds.ts";

export type FilesFound = {
  stored: number;
  /** Of these, files without a line in the journal: their digest is that of their present bytes. */
  adopted: number;
  /** Files with a line in the journal that are missing, or have another size. */
  lost: number;
  bytes: number;
};

/** A file that no line of the journal tells of, and its row. */
export type AdoptedFile = { row: Pick<AssetRow, "id" | "taskId" | "clipId" | "kind">; file: StoredFacts };

type Row = AdoptedFile["row"] &
  Pick<AssetRow, "state" | "path" | "bytes" | "trashPath" | "removedAt"> & {
    expectedSeconds: number | null;
    purgedAt: number | null;
  };

const PAGE = 500;

/**
 * Compares each file that the journal tells of with the size on the disk (the bytes are left to `verify --full`): one that
 * is lost becomes `wanted`. Files without a line are looked for by their names, checked and hashed like a download; the
 * caller records them.
 */
export async function findFiles(
  db: Database,
  store: AssetStore,
  { signal, onFile }: { signal: AbortSignal; onFile(files: number): void },
): Promise<{ found: FilesFound; adopted: AdoptedFile[] }> {
  const found: FilesFound = { stored: 0, adopted: 0, lost: 0, bytes: 0 };
  const adopted: AdoptedFile[] = [];
  let files = 0;
  for (let after = 0, rows: Row[]; (rows = rowsAfter(db, after)).length > 0; after = rows.at(-1)?.id ?? after) {
    const changes: (Partial<AssetRow> & { id: number })[] = [];
    for (const row of rows) {
      signal.throwIfAborted();
      onFile(++files);
      if (row.removedAt !== null) changes.push({ id: row.id, ...inTrash(row) });
      else if (row.state === "stored" && row.path !== null) {
        if (await isThere(store, row.path, row.bytes)) {
          found.stored++;
          found.bytes += row.bytes ?? 0;
        } else {
          found.lost++;
          changes.push({ id: row.id, ...LOST });
        }
      } else {
        const file = await findByName(store, row, signal);
        if (file) adopted.push({ row, file });
        if (file) found.stored++;
        found.bytes += file?.bytes ?? 0;
      }
    }
    write(db, () => {
      for (const { id, ...set } of changes) db.update(assets).set(set).where(eq(assets.id, id)).run();
    });
  }
  return { found: { ...found, adopted: adopted.length }, adopted };
}

/** The same as `verify` records for a missing file: it is fetched again, and its digest is still known. */
const LOST = { state: "wanted", lastError: "rebuild did not find the file" };

/** For a removed clip: `rm --undo` finds its file in the trash. A purged clip has no file. */
function inTrash({ state, trashPath, purgedAt }: Row): Partial<AssetRow> {
  return {
    state: state === "stored" ? "gone" : state,
    path: null,
    trashPath: purgedAt === null ? trashPath : null,
    nextAttemptAt: null,
  };
}

async function isThere(store: AssetStore, path: string, bytes: number | null): Promise<boolean> {
  const entry = await store.stat(path);
  return entry?.type === "file" && entry.bytes === bytes;
}

async function findByName(store: AssetStore, row: Row, signal: AbortSignal): Promise<StoredFacts | undefined> {
  const id = row.clipId ?? row.taskId;
  const want = { id, kind: row.kind as AssetKind, url: "", durationSeconds: row.expectedSeconds };
  return (await adoptFile(store, want, signal)) ?? undefined;
}

function rowsAfter(db: Database, after: number): Row[] {
  const { id, taskId, clipId, kind, state, path, bytes, trashPath, removedAt } = assets;
  return db
    .select({
      id,
      taskId,
      clipId,
      kind,
      state,
      path,
      bytes,
      trashPath,
      removedAt,
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
