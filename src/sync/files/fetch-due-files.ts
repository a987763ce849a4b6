import { ageByArchive } from "../../archive/clock.ts";
import { createAssetWriter, isWantedDigest } from "../../archive/assets.ts";
import type { DueAsset } from "../../archive/due.ts";
import type { Downloader } from "../../assets/download/download.ts";
import type { LostFile } from "../../assets/wanted-file.ts";
import type { Database } from "../../db/connection.ts";
import { DiskError, EXIT } from "../../lib/errors.ts";
import { deadlineAfter } from "../../lib/time/deadline.ts";
import type { FileQueue } from "./file-queue.ts";
import { fetchFiles } from "./fetch-files.ts";
import { Hosts } from "./hosts.ts";
import { Misses } from "./misses.ts";
import type { SyncDeps, SyncOptions } from "../run-types.ts";
import { forgetProblems, type Tally } from "../tally.ts";

/** Fetches the files of the queue within the limits of the run, then records which misses count. Throws DiskError. */
export async function fetchDueFiles(
  deps: SyncDeps & { downloader: Downloader },
  options: SyncOptions,
  tally: Tally,
  queue: FileQueue,
  refetchTask: (taskId: string) => Promise<boolean>,
): Promise<void> {
  const { db, journal, downloader, emit, now, signal } = deps;
  const writer = createAssetWriter(db, journal);
  const [misses, hosts] = [new Misses(ageByArchive(db)), new Hosts()];
  const isTimeUp = deadlineAfter(options.maxDurationMs);
  const back: [DueAsset, LostFile][] = [];
  const mayStart = () => !isTimeUp() && tally.assetsBytes < (options.maxTransferBytes ?? Infinity);
  try {
    const onBack = (...file: [DueAsset, LostFile]) => void back.push(file);
    await fetchFiles(
      { db, downloader, writer, queue, misses, hosts, tally, emit, now, signal, refetchTask, mayStart, onBack },
      options.concurrency,
    );
    // At the end, since one file may have been in the place of another.
    for (const [asset, lost] of back) {
      const count = await removeQuarantined({ db, downloader }, lost);
      if (count > 0) emit({ type: "quarantinedRemoved", asset, count });
    }
  } finally {
    const { gone, outages } = misses.record(writer, now(), (event) => {
      if (event.type === "assetGone") forgetProblems(tally, event.asset.id);
      emit(event);
    });
    tally.assetsGone += gone;
    for (const host of outages)
      tally.problems.push({
        exit: EXIT.incomplete,
        code: "host_outage",
        message: `${host} has an outage: none of its misses counts`,
      });
    for (const unreached of hosts.unreached()) {
      const waiting = unreached.files === 1 ? "1 file waits" : `${unreached.files} files wait`;
      const message = `${unreached.message}; ${waiting} for it`;
      tally.problems.push({ exit: EXIT.incomplete, code: "host_unreached", message });
      emit({ type: "hostUnreached", ...unreached });
    }
  }
}

/** A disk that refuses keeps the damaged bytes too; the song is safe, and `verify --repair` tries again. */
async function removeQuarantined(
  { db, downloader }: { db: Database; downloader: Downloader },
  lost: LostFile,
): Promise<number> {
  try {
    return await downloader.removeQuarantined(lost, (sha256) => isWantedDigest(db, sha256));
  } catch (error) {
    if (error instanceof DiskError) return 0;
    throw error;
  }
}
