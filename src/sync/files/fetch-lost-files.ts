import type { Api } from "../../api/client.ts";
import type { DueAssets } from "../../archive/due.ts";
import type { Journal } from "../../archive/journal/journal.ts";
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
import { Misses } from "./misses.ts";
import { emptyTally } from "../tally.ts";

export type FetchLostDeps = {
  db: Database;
  home: string;
  journal: Journal;
  downloader: Downloader;
  /** Absent without a token: files are fetched all the same, by the URLs that the rows have. */
  api: Api | undefined;
  emit: Emit;
  now: () => number;
  signal: AbortSignal;
  concurrency: number;
};

/**
 * Fetches these files once more, as a run does it: each is stored only when it is what was lost, else kept beside; one
 * that is missed makes its task be asked once for a fresh URL. A file that is gone is passed over until its time comes,
 * but with `takeOther`, which also takes what upstream has in its place. The rows tell how it went. Throws DiskError.
 */
export async function fetchLostFiles(deps: FetchLostDeps, ids: number[], takeOther: boolean): Promise<void> {
  const { db, home, journal, downloader, api, emit, now, signal, concurrency } = deps;
  const due: DueAssets = { kinds: [...ASSET_KINDS], now: now(), ids, refresh: takeOther };
  const queue = new FileQueue(db, due);
  queue.close();
  const [writer, tally, misses] = [createAssetWriter(db, journal), emptyTally(), new Misses()];
  const save = createRecordSaver(db, journal);
  const asking: TaskContext | undefined = api && {
    db,
    api,
    save,
    unreadables: openUnreadableStore(home, db),
    tally,
    emit,
    now,
    signal,
    until: Infinity,
    stopped: false,
  };
  const again = onceEach((taskId) => (asking ? refetchTask(asking, taskId) : Promise.resolve(false)));
  const mayStart = () => true;
  try {
    const fetching = { db, downloader, writer, queue, misses, tally, emit, now, signal, mayStart, takeOther };
    await fetchFiles({ ...fetching, refetchTask: again }, concurrency);
  } finally {
    misses.record(writer, now(), emit);
  }
}
