import { createAssetWriter } from "../../archive/assets.ts";
import type { Downloader } from "../../assets/download/download.ts";
import { EXIT } from "../../lib/errors.ts";
import type { AssetFeed } from "./file-queue.ts";
import { fetchAssets } from "./fetch-files.ts";
import { Misses } from "./misses.ts";
import type { RunDeps, RunOptions } from "../run-types.ts";
import { forgive, type Tally } from "../tally.ts";

/** Fetches what the feed gives within the bounds of the run, then settles which misses count. Throws DiskError. */
export async function fetchDue(
  deps: RunDeps & { downloader: Downloader },
  options: RunOptions,
  tally: Tally,
  feed: AssetFeed,
  again: (taskId: string) => Promise<boolean>,
): Promise<void> {
  const { db, journal, downloader, emit, now, signal } = deps;
  const writer = createAssetWriter(db, journal);
  const misses = new Misses();
  const until = options.maxDurationMs === undefined ? Infinity : now() + options.maxDurationMs;
  const mayStart = () => now() < until && tally.assetsBytes < (options.maxTransferBytes ?? Infinity);
  try {
    await fetchAssets(
      { db, downloader, writer, feed, misses, tally, emit, now, signal, askAgain: again, mayStart },
      options.concurrency,
    );
  } finally {
    const { gone, outages } = misses.settle(writer, now(), (event) => {
      if (event.type === "assetGone") forgive(tally, event.asset.id);
      emit(event);
    });
    tally.assetsGone += gone;
    for (const host of outages)
      tally.troubles.push({
        exit: EXIT.incomplete,
        code: "host_outage",
        message: `${host} has an outage: none of its misses counts`,
      });
  }
}
