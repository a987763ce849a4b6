import { alternate, best, type Bench } from "./bench.ts";
import { boundFigure, ratioFigure, type Figure } from "./figures.ts";
import { MOST_MB } from "./metadata.ts";
import { mirrorIn } from "./mirror.ts";
import { startService } from "./service.ts";
import { storeAll } from "./store-all.ts";
import { checkJournal } from "../src/archive/journal/check.ts";
import { openArchive } from "../src/db/archive-file.ts";
import { checkWholeDatabase } from "../src/verify/database/check-database.ts";

const TASKS = 60_000;
const ROUNDS = 2;
/** What every opening costs, in milliseconds, and the whole comparison against a rebuild. */
const MOST_QUICK_MS = 300;
const MOST_FULL = 2;

/** How the database compares with its journal, at 60,000 tasks with all files stored. */
export async function database(bench: Bench): Promise<Figure[]> {
  await using service = await startService(bench, TASKS);
  const mirror = mirrorIn(bench, `database-${TASKS}`, service);
  await mirror.run(["track", "-"], { input: service.ids.join("\n") });
  await mirror.run(["sync", "--no-assets"]);
  storeAll(mirror.home);
  await mirror.run(["sync", "--adopt-assets"]);
  const [rebuilds = [], verifies = []] = await alternate(
    ROUNDS,
    () => mirror.run(["rebuild", "--dry-run"]),
    () => mirror.run(["verify", "--full"]),
  );
  const quick = await timeHere(mirror.home, (db) => Promise.resolve(checkJournal(mirror.home, db)));
  const full = await timeHere(mirror.home, (db) =>
    checkWholeDatabase({ db, home: mirror.home, signal: bench.signal }, true),
  );
  await mirror.remove();
  return [
    boundFigure("what each opening checks", "ms", quick, MOST_QUICK_MS),
    ratioFigure("replay and comparison / rebuild -n", "s", full, best(rebuilds.map((run) => run.wallMs)), MOST_FULL),
    boundFigure("rebuild -n, memory", "MB", Math.max(...rebuilds.map((run) => run.peakMb)), MOST_MB),
    boundFigure("verify --full, memory", "MB", Math.max(...verifies.map((run) => run.peakMb)), MOST_MB),
  ];
}

async function timeHere(home: string, work: (db: ReturnType<typeof openArchive>) => Promise<unknown>): Promise<number> {
  const db = openArchive(home, { readOnly: true });
  try {
    const started = performance.now();
    await work(db);
    return performance.now() - started;
  } finally {
    db.$client.close();
  }
}
