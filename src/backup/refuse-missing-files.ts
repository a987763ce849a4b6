import type { AssetStore } from "../assets/store/store.ts";
import type { Database } from "../db/connection.ts";
import { DiskError } from "../lib/errors.ts";
import { readArchiveFiles } from "../query/lists/archive-files.ts";

const PAGE = 500;
const SHARE = 0.1;

/**
 * Throws DiskError when the assets folder is not this archive's, or when a tenth or more of the stored files is not in
 * it: then it is likelier that a disk is not mounted than that a backup is wanted of what is left.
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
  if (gone === 0 || gone < stored * SHARE) return;
  throw new DiskError(`${gone} of ${stored} stored files are not in ${store.root}`, {
    code: "assets_lost",
    hint: "look whether the whole disk is mounted; `producer-mirror verify` names them, `producer-mirror sync` brings them back",
  });
}
