import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Bench } from "./bench.ts";
import { makeBigArchive } from "./big-archive.ts";
import { boundFigure, type Figure } from "./figures.ts";
import { runNode } from "./measured.ts";
import { PROGRAM } from "./mirror.ts";

const SONGS = 100_000;
/** Megabytes; a file of Parquet holds a group of rows in several forms at once. */
const MOST = { csv: 256, ndjson: 256, parquet: 512 };

/** What `export tables` takes of memory at its most: it must not grow with the library. */
export async function exportTables({ folder, signal }: Bench): Promise<Figure[]> {
  const home = join(folder, "tables-home");
  const target = join(folder, "tables");
  await makeBigArchive(home, SONGS, signal);
  const figures: Figure[] = [];
  for (const [format, most] of Object.entries(MOST)) {
    const { peakMb } = await runNode(PROGRAM, ["export", "tables", target, "--format", format, "--home", home], {
      signal,
    });
    figures.push(boundFigure(`tables of ${SONGS} songs as ${format}, memory at most`, "MB", peakMb, most));
    await rm(target, { recursive: true });
  }
  await rm(home, { recursive: true });
  return figures;
}
