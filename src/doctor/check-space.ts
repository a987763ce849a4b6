import { stat } from "node:fs/promises";
import { sql } from "drizzle-orm";
import type { FreeBytes } from "../lib/files/disk-errors.ts";
import { freeBytes } from "../lib/files/disk-errors.ts";
import { archivePath } from "../db/archive-file.ts";
import type { Database } from "../db/connection.ts";
import type { AssetKind } from "../lib/asset-kinds.ts";
import { existingParent } from "./existing-parent.ts";
import { bad, ok, warn, type Finding } from "./finding.ts";

/** What a file takes where none of its kind is here yet, in bytes: three minutes of each, and a cover. */
const TYPICAL: Record<AssetKind, number> = { audio: 3e6, image: 2e5, video: 2e7, wav: 3.2e7, stems: 6e7 };
/** The database, its journal and their growth during a run. */
const SPARE_BYTES = 200e6;
/** Less is gone within one run. */
const LEAST_BYTES = 20e6;

/** Room on the disk against the files still wanted, sized like those of their kind that are here. */
export async function checkSpace(
  db: Database | undefined,
  kinds: AssetKind[],
  folder: string,
  free: FreeBytes = freeBytes,
): Promise<Finding> {
  const check = "room for the files";
  const have = await free(await existingParent(folder)).catch(() => null);
  if (have === null) return warn(check, `cannot be told for ${folder}`, "see that the folder can be read");
  const need = db ? wantedBytes(db, kinds) : 0;
  const found = `${gigabytes(have)} free, about ${gigabytes(need)} still wanted`;
  const advice = `make room on the disk of ${folder}, or name another folder with --assets`;
  if (have < need) return bad(check, found, advice);
  return have < need + SPARE_BYTES ? warn(check, found, advice) : ok(check, found);
}

/**
 * Room on the disk of the home, where that is another one than that of the files: the database grows there, and is copied
 * when a newer program migrates it.
 */
export async function checkHomeSpace(home: string, assets: string, free: FreeBytes = freeBytes): Promise<Finding[]> {
  const [disk, other] = await Promise.all([home, assets].map(async (folder) => statOf(await existingParent(folder))));
  if (disk === null || disk === undefined || disk.dev === other?.dev) return [];
  const check = "room for the database";
  const have = await free(await existingParent(home)).catch(() => null);
  if (have === null) return [];
  const size = (await statOf(archivePath(home)))?.size ?? 0;
  const found = `${gigabytes(have)} free, the database has ${gigabytes(size)}`;
  const advice = `make room on the disk of ${home}`;
  if (have < LEAST_BYTES) return [bad(check, found, advice)];
  return [have < size + SPARE_BYTES ? warn(check, found, advice) : ok(check, found)];
}

function statOf(place: string) {
  return stat(place).catch(() => null);
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
