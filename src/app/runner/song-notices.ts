import { openTaskIds, neverAskedIds } from "../../archive/due.ts";
import type { Database } from "../../db/connection.ts";
import type { AssetKind } from "../../lib/asset-kinds.ts";
import { changedClipsOf, safeClipsOf } from "../../query/lists/safe-clips.ts";
import type { SyncEvent } from "../../sync/events.ts";
import { goneHappening, songHappening, type Happening } from "./happenings.ts";

/** Turns the events of runs into what is reported of songs. */
export type SongNotices = {
  /** Watches one run over the archive that is open for it. */
  during(run: { db: Database; kinds: AssetKind[]; now: () => number; tell: (happening: Happening) => void }): {
    see(event: SyncEvent): void;
    /** Tells what the end of the run shows. */
    end(): void;
  };
};

/**
 * A song is reported as safe once, when all of its files are here. What was finished before these notices began is not reported:
 * neither what is in the archive, nor what ids that were never asked for bring when they are found finished.
 */
export function createSongNotices(db: Database): SongNotices {
  const unknown = new Set(neverAskedIds(db));
  const open = new Set(openTaskIds(db));
  const reported = new Set<string>();
  return {
    during({ db: current, kinds, now, tell }) {
      const changed = new Set<string>();
      const startedAt = now();
      const tellSafe = (taskIds: string[]) => {
        for (const clip of safeClipsOf(current, taskIds, kinds)) {
          if (reported.has(clip.id)) continue;
          reported.add(clip.id);
          tell(songHappening("song.safe", clip, now()));
        }
      };
      const see = (event: SyncEvent) => {
        if (event.type === "assetGone") tell(goneHappening(event.asset, now()));
        if (event.type === "stored" && open.has(event.asset.taskId)) tellSafe([event.asset.taskId]);
        if (event.type !== "saved") return;
        for (const { taskId, state, change, clipsNew, clipsUpdated } of event.saved) {
          const wasUnknown = unknown.delete(taskId);
          if (open.has(taskId)) continue;
          if (state === "pending" || (!wasUnknown && clipsNew > 0)) open.add(taskId);
          else if (change === "updated" && clipsUpdated > 0) changed.add(taskId);
        }
      };
      const end = () => {
        for (const clip of changedClipsOf(current, [...changed], startedAt))
          tell(songHappening("song.changed", clip, now()));
        tellSafe([...open]);
        const waiting = new Set(openTaskIds(current, [...open], kinds));
        for (const id of open) if (!waiting.has(id)) open.delete(id);
        if (open.size === 0) reported.clear();
      };
      return { see, end };
    },
  };
}
