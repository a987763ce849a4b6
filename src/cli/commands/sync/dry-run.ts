import { openForReading } from "../../../app/archive.ts";
import { isTracked } from "../../../archive/tracking.ts";
import type { Config } from "../../../config.ts";
import { findRecords } from "../../../record/find-records.ts";
import { pickIds } from "../../../record/pick-ids.ts";
import { planBatches } from "../../../sync/plan.ts";
import { planRun } from "../../../sync/run.ts";
import { checkTracked } from "../../../app/check-tracked.ts";
import { sumOf } from "../../../lib/sum-of.ts";
import type { Outcome } from "../../command.ts";
import { countOf } from "../../../print/output/numbers.ts";
import { readInput } from "../../../lib/files/read-input.ts";
import { refuseDemo, type SyncOnceOptions } from "../../../app/run-sync.ts";

/** What a run would request and fetch. Needs no lock and no token; sends and writes nothing. */
export async function planSync(config: Config, once: SyncOnceOptions, named: string[]): Promise<Outcome> {
  using archive = await openForReading(config);
  refuseDemo(archive, config.home);
  const only = checkTracked(archive, named, config, once.assetsOnly === true);
  const settings = {
    ...once,
    ...(named.length > 0 && { only }),
    kinds: config.kinds,
    batchSize: config.batchSize,
    concurrency: config.concurrency,
    ratePerSecond: config.rate,
  };
  const plan = planRun(archive.db, settings, Date.now());
  const fresh = await idsOf(config.from, (id) => !isTracked(archive.db, id));
  const ids = once.assetsOnly ? [] : [...plan.ids, ...fresh].slice(0, once.limit);
  const report = {
    tasks: { due: ids.length },
    requests: planBatches(ids, config.batchSize).length,
    assets: { wanted: once.noAssets ? 0 : sumOf(plan.wanted) },
  };
  const requests = `${countOf(report.tasks.due, "task")} in ${countOf(report.requests, "request")}`;
  const files = `${countOf(report.assets.wanted, "known file")}`;
  return { document: report, lines: [config.home, `would request ${requests}, and fetch ${files}`] };
}

async function idsOf(files: string[], isNew: (id: string) => boolean): Promise<string[]> {
  const texts = await Promise.all(files.map(readInput));
  return [
    ...new Set(texts.flatMap((text) => [...pickIds(text).ids, ...findRecords(text).map((found) => found.taskId)])),
  ].filter(isNew);
}
