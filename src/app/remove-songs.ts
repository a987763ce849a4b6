import type { Config } from "../config.ts";
import { UsageError } from "../lib/errors.ts";
import { findClips } from "../query/lists/clips-of.ts";
import { removeClips, undoRemoval, type RemovedClips, type UndoneRemoval } from "../remove/remove.ts";
import { renew } from "./renew.ts";
import { openForRun } from "./run-archive.ts";

/**
 * What `rm` does to these clips, or with `undo` what `rm --undo` does: files go to the trash and come back from there.
 * Throws UsageError for an id that is no clip's and, to undo, for a clip that was not removed; LockedError while a run is
 * at work.
 */
export async function removeSongs(
  config: Config,
  { clips, undo = false }: { clips: string[]; undo?: boolean | undefined },
): Promise<RemovedClips | UndoneRemoval> {
  const { signal } = new AbortController();
  const note = config.note ?? (() => {});
  await using archive = await openForRun(config, "rm", { renew: () => renew({ home: config.home, signal, note }) });
  const found = findClips(archive.db, clips);
  const deps = { ...archive, home: config.home, now: Date.now, signal };
  const ids = found.map(({ id }) => id);
  if (!undo) return await removeClips(deps, ids);
  const wrong = found.find(({ removedAt, purgedAt }) => removedAt === null || purgedAt !== null);
  if (wrong?.purgedAt) throw new UsageError(`${wrong.id} was purged: it cannot be brought back`, { code: "purged" });
  if (wrong) throw new UsageError(`${wrong.id} was not removed`, { code: "not_removed" });
  return await undoRemoval(deps, ids);
}
