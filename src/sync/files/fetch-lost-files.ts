import type { Api } from "../../api/client.ts";
import type { DueAssets } from "../../archive/due.ts";
import type { Journal } from "../../archive/journal/entry.ts";
import { ageByArchive } from "../../archive/clock.ts";
import { createAssetWriter } from "../../archive/assets.ts";
import { openUnreadableStore } from "../../archive/unreadable.ts";
import { createRecordSaver } from "../../archive/records.ts";
import type { Downloader } from "../../assets/download/download.ts";
import type { Database } from "../../db/connection.ts";
import { ASSET_KINDS } from "../../lib/asset-kinds.ts";
import { onceEach } from "../../lib/concurrency.ts";
import { refetchTask } from "../tasks/fetch-tasks.ts";
import type { TaskContext } from "../tasks/task-failures.ts";
import { FileQueue } from "./file-queue.ts";
import type { Emit } from "../events.ts";
import { fetchFiles } from "./fetch-files.ts";
import { Hosts } from "./hosts.ts";
import { Misses } from "./misses.ts";
import { emptyTally } from "../tally.ts";

export type FetchLostDeps = {
  db: Database;
  home: string;
  journal: Journal;
  downloader: Downloader;
  /** Absent without a token: files are then fetched by the URLs of their rows alone. */
  api: Api | undefined;
  emit: Emit;
  now: () => number;
  signal: AbortSignal;
  concurrency: number;
};

/**
 * Fetches these files again, as a run does: each is stored only when it has the lost bytes, else kept beside. When
 * upstream misses a file, its task is fetched once for a fresh URL. A file that is gone is skipped until its next check.
 * `acceptDifferent` fetches it all the same and stores whatever bytes upstream has now. The rows show the results. Throws
 * DiskError.
 */
export async function fetchLostFiles(deps: FetchLostDeps, ids: number[], acceptDifferent: boolean): Promise<void> {
  const { db, home, journal, downloader, api, emit, now, signal, concurrency } = deps;
  const due: DueAssets = { kinds: [...ASSET_KINDS], now: now(), ids, refresh: acceptDifferent };
  const queue = new FileQueue(db, due);
  queue.close();
  const [writer, tally, hosts] = [createAssetWriter(db, journal), emptyTally(), new Hosts()];
  const misses = new Misses(ageByArchive(db));
  const save = createRecordSaver(db, journal);
  const context: TaskContext | undefined = api && {
    db,
    api,
    save,
    unreadables: openUnreadableStore(home, db),
    tally,
    emit,
    now,
    signal,
    isTimeUp: () => false,
    stopped: false,
  };
  const refetch = onceEach((taskId) => (context ? refetchTask(context, taskId) : Promise.resolve(false)));
  const mayStart = () => true;
  try {
    const fetching = {
      db,
      downloader,
      writer,
      queue,
      misses,
      hosts,
      tally,
      emit,
      now,
      signal,
      mayStart,
      acceptDifferent,
    };
    await fetchFiles({ ...fetching, refetchTask: refetch }, concurrency);
  } finally {
    misses.record(writer, now(), emit);
    for (const unreached of hosts.unreached()) emit({ type: "hostUnreached", ...unreached });
  }
}
