import { join } from "node:path";
import { archiveId } from "../../../src/archive/info.ts";
import { openStore } from "../../../src/assets/store/store.ts";
import { openArchive } from "../../../src/db/archive-file.ts";
import { backupToLocation, type OffSiteBackup } from "../../../src/backup/off-site/backup-off-site.ts";
import { openLocation } from "../../../src/backup/off-site/open-location.ts";
import { parseLocation } from "../../../src/backup/off-site/location.ts";
import { restoreFromLocation } from "../../../src/restore/restore-off-site.ts";
import type { TransferProgress } from "../../../src/backup/off-site/upload-types.ts";
import type { RestoreReport } from "../../../src/restore/restore.ts";
import type { World } from "../../helpers/world.ts";
import { never } from "./staged-backup.ts";

export type How = {
  init?: boolean;
  env?: Record<string, string>;
  idleMs?: number;
  onProgress?: (progress: TransferProgress) => void;
};

/** One backup in this process; `name` is `restic:…` or `rclone:…`. */
export async function backUp(
  world: World,
  name: string,
  { init, env, idleMs, onProgress = () => {} }: How = {},
): Promise<OffSiteBackup> {
  const ours = { ...world.env, RESTIC_PASSWORD: "a secret word", ...env };
  const location = await openLocation(
    parseLocation(name, world.folder),
    { env: ours, signal: never, ...(idleMs === undefined ? {} : { idleMs }) },
    init,
  );
  const db = openArchive(world.home);
  try {
    const store = openStore(join(world.home, "assets"), archiveId(db));
    const now = () => Date.now();
    return await backupToLocation({ home: world.home, db, store, location, version: "0.0.0", now, onProgress });
  } finally {
    db.$client.close();
  }
}

/** A restore in this process. */
export async function restore(world: World, name: string, env: Record<string, string> = {}): Promise<RestoreReport> {
  const ours = { ...world.env, RESTIC_PASSWORD: "a secret word", ...env };
  const location = await openLocation(parseLocation(name, world.folder), { env: ours, signal: never });
  const deps = { home: world.home, assets: join(world.home, "assets"), now: () => Date.now() };
  return restoreFromLocation(location, {}, { ...deps, onProgress: () => {}, onFetch: () => {} }, {});
}
