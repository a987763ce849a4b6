import { stat } from "node:fs/promises";
import { sql } from "drizzle-orm";
import type { FreeBytes } from "../lib/files/disk-errors.ts";
import { freeBytes } from "../lib/files/disk-errors.ts";
import { archivePath } from "../db/archive-file.ts";
import type { Database } from "../db/connection.ts";
import type { AssetKind } from "../lib/asset-kinds.ts";
import { existingParent } from "./existing-parent.ts";
import { bad, ok, warn, type Finding } from "./finding.ts";

/** Bytes of a file when none of its kind is stored yet: three minutes of each, and a cover. */
const TYPICAL: Record<AssetKind, number> = { audio: 3e6, image: 2e5, video: 2e7, wav: 3.2e7, stems: 6e7 };
/** For the database, its journal, and their growth during a run. */
const SPARE_BYTES = 200e6;
/** One run can use up less than this. */
const MIN_FREE_BYTES = 20e6;

/** Compares the free space with the files still to fetch, whose size is estimated from stored files of their kind. */
export async function checkSpace(
  db: Database | undefined,
  kinds: AssetKind[],
  folder: string,
  free: FreeBytes = freeBytes,
): Promise<Finding> {
  const check = "room for the files";
  const have = await free(await existingParent(folder)).catch(() => null);
  if (have === null) return warn(check, `unknown for ${folder}`, "make sure that the folder can be read");
  const need = db ? wantedBytes(db, kinds) : 0;
  const found = `${gigabytes(have)} free, about ${gigabytes(need)} still to fetch`;
  const advice = `make room on the disk of ${folder}, or choose another folder with --assets`;
  if (have < need) return bad(check, found, advice);
  return have < need + SPARE_BYTES ? warn(check, found, advice) : ok(check, found);
}

/**
 * Checks the free space on the disk of the home, if the files are on another disk: the database grows there, and is copied
 * when a newer program migrates it. Returns no finding when both are on one disk.
 */
export async function checkHomeSpace(home: string, assets: string, free: FreeBytes = freeBytes): Promise<Finding[]> {
  const [disk, other] = await Promise.all([home, assets].map(async (folder) => statOf(await existingParent(folder))));
  if (disk === null || disk === undefined || disk.dev === other?.dev) return [];
  const check = "room for the database";
  const have = await free(await existingParent(home)).catch(() => null);
  if (have === null) return [];
  const size = (await statOf(archivePath(home)))?.size ?? 0;
  const found = `${gigabytes(have)} free, the database takes ${gigabytes(size)}`;
  const advice = `make room on the disk of ${home}`;
  if (have < MIN_FREE_BYTES) return [bad(check, found, advice)];
  return [have < size + SPARE_BYTES ? warn(check, found, advice) : ok(check, found)];
}

function statOf(path: string) {
  return stat(path).catch(() => null);
}

function wantedBytes(db: Database, kinds: AssetKind[]): number {
  const rows = db.all<{ kind: AssetKind; wanted: number; mean: number | null }>(sql`
    select kind, count(*) filter (where state in ('wanted', 'failed')) as wanted,
      avg(bytes) filter (where state = 'stored') as mean
    from assets where kind in ${kinds} group by kind`);
  return rows.reduce((sum, { kind, wanted, mean }) => sum + wanted * (mean ?? TYPICAL[kind]), 0);
}

function gigabytes(bytes: number): string {
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
  return `${(bytes / 1e9).toFixed(bytes < 1e10 ? 1 : 0)} GB`;
}
