import { isWantedDigest } from "../../archive/assets.ts";
import { pathBeforeQuarantine } from "../../assets/store/quarantined.ts";
import type { AssetStore } from "../../assets/store/store.ts";
import type { Database } from "../../db/connection.ts";
import { readArchiveFilesAt } from "../../query/lists/archive-files.ts";

/**
 * Removes the quarantined files among `extras` whose right bytes are back in their place, for a row that says stored, and
 * returns their paths. Those of a file that is still lost stay, and so do bytes that are wanted elsewhere. A dry run only
 * lists them. Throws DiskError.
 */
export async function clearQuarantined(
  { db, store, dryRun }: { db: Database; store: AssetStore; dryRun: boolean },
  extras: string[],
): Promise<string[]> {
  const paths = new Set(extras.flatMap((path) => pathBeforeQuarantine(path) ?? []));
  const removed: string[] = [];
  for (const { path, sha256, state } of readArchiveFilesAt(db, [...paths])) {
    if (state !== "stored" || sha256 === null) continue;
    const isNeeded = (digest: string) => isWantedDigest(db, digest);
    removed.push(...(await store.removeQuarantined({ path, sha256 }, { isNeeded, dryRun })));
  }
  return removed;
}
