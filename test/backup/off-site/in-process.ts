import { join } from "node:path";
import { archiveId } from "../../../src/archive/info.ts";
import { openStore } from "../../../src/assets/store/store.ts";
import { openArchive } from "../../../src/db/archive-file.ts";
import { backupToPlace, type PlaceBackup } from "../../../src/backup/off-site/backup-off-site.ts";
import { openPlace } from "../../../src/backup/off-site/open-location.ts";
import { parsePlace } from "../../../src/backup/off-site/location.ts";
import { restoreFromPlace } from "../../../src/restore/restore-off-site.ts";
import type { SendProgress } from "../../../src/backup/off-site/upload-types.ts";
import type { RestoreReport } from "../../../src/restore/restore.ts";
import type { World } from "../../helpers/world.ts";
import { never } from "./staged.ts";

export type How = {
  init?: boolean;
  env?: Record<string, string>;
  idleMs?: number;
  onProgress?: (progress: SendProgress) => void;
};

/** One backup in this process. */
export async function backUp(
  world: World,
  location: string,
  { init, env, idleMs, onProgress = () => {} }: How = {},
): Promise<PlaceBackup> {
  const place = parsePlace(location, world.folder);
  const ours = { ...world.env, RESTIC_PASSWORD: "a secret word", ...env };
  const calls = await openPlace(place, { env: ours, signal: never, ...(idleMs === undefined ? {} : { idleMs }) }, init);
  const db = openArchive(world.home);
  try {
    const store = openStore(join(world.home, "assets"), archiveId(db));
    const now = () => Date.now();
    return await backupToPlace({ home: world.home, db, store, calls, version: "0.0.0", now, onProgress });
  } finally {
    db.$client.close();
  }
}

/** And the way back. */
export async function restore(
  world: World,
  location: string,
  env: Record<string, string> = {},
): Promise<RestoreReport> {
  const ours = { ...world.env, RESTIC_PASSWORD: "a secret word", ...env };
  const calls = await openPlace(parsePlace(location, world.folder), { env: ours, signal: never });
  const places = { home: world.home, assets: join(world.home, "assets"), now: () => Date.now() };
  return restoreFromPlace(calls, {}, { ...places, onProgress: () => {}, onFetch: () => {} }, {});
}
