import { ageByArchive } from "../../archive/clock.ts";
import { createAssetWriter } from "../../archive/assets.ts";
import type { Downloader } from "../../assets/download/download.ts";
import { EXIT } from "../../lib/errors.ts";
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
  const mayStart = () => !isTimeUp() && tally.assetsBytes < (options.maxTransferBytes ?? Infinity);
  try {
    await fetchFiles(
      { db, downloader, writer, queue, misses, hosts, tally, emit, now, signal, refetchTask, mayStart },
      options.concurrency,
    );
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
