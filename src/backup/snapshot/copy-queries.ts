import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { QUERIES, queryNames } from "../../query/sql/saved-queries.ts";
import { makeFolder, copyDurably } from "../../lib/files/durable-files.ts";
import { flushFolder } from "../../lib/files/flush.ts";

/** Copies the kept queries of `home` into `<folder>/queries`. Answers the paths relative to `folder`. Throws DiskError. */
export async function copyQueries(home: string, folder: string, signal: AbortSignal): Promise<string[]> {
  const paths = queryNames(home).map((name) => `${QUERIES}/${name}.sql`);
  if (paths.length === 0) return [];
  await makeFolder(join(folder, QUERIES));
  for (const path of paths) {
    try {
      await using source = await open(join(home, path), constants.O_RDONLY | constants.O_NOFOLLOW);
      await copyDurably(source, join(folder, path), signal);
    } catch (error) {
      throw signal.aborted ? error : toDiskError(error, join(home, path));
    }
  }
  await flushFolder(join(folder, QUERIES));
  return paths;
}
