import type { AssetStore } from "../assets/store/store.ts";
import type { Database } from "../db/connection.ts";
import { DiskError } from "../lib/errors.ts";
import { readArchiveFiles } from "../query/lists/archive-files.ts";

const PAGE = 500;
const MAX_SHARE = 0.1;

/**
 * Throws DiskError when the assets folder is not this archive's, or when a tenth or more of the stored files is missing:
 * then a disk is probably not mounted, and a backup of the rest is not what the user wants.
 */
export async function refuseMissingFiles(db: Database, store: AssetStore): Promise<void> {
  let [stored, gone, after] = [0, 0, 0];
  for (let page = readArchiveFiles(db, 0, PAGE); page.length > 0; page = readArchiveFiles(db, after, PAGE)) {
    after = page.at(-1)?.id ?? after;
    const files = page.filter(({ state }) => state === "stored");
    if (stored === 0 && files.length > 0) await store.check({ files: true });
    stored += files.length;
    for (const { path } of files) if ((await store.stat(path)) === null) gone++;
  }
  if (stored === 0) await store.check({ files: false });
  if (gone === 0 || gone < stored * MAX_SHARE) return;
  throw new DiskError(`${gone} of ${stored} stored files are not in ${store.root}`, {
    code: "assets_lost",
    hint: "look whether the whole disk is mounted; `producer-mirror verify` lists them, `producer-mirror sync` downloads them again",
  });
}
