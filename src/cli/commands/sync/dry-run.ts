import { openForReading } from "../../../app/archive.ts";
import { isTracked } from "../../../archive/tracking.ts";
import type { Config } from "../../../config.ts";
import { EXIT } from "../../../lib/errors.ts";
import { findRecords } from "../../../record/find-records.ts";
import { pickIds } from "../../../record/pick-ids.ts";
import { planBatches } from "../../../sync/plan.ts";
import { planRun } from "../../../sync/run.ts";
import { checkTracked } from "../../../app/check-tracked.ts";
import type { Context } from "../../command.ts";
import { countOf } from "../../../print/output/numbers.ts";
import { readInput } from "../../../lib/files/read-input.ts";
import { refuseDemo, type SyncOnceOptions } from "../../../app/run-sync.ts";

/** Says what a run would ask for and fetch: no lock, no token, no request, no file. */
export async function dryRun(
  { output }: Context,
  config: Config,
  once: SyncOnceOptions,
  json: boolean,
): Promise<number> {
  using archive = openForReading(config);
  refuseDemo(archive, config.home);
  checkTracked(archive, once.only ?? [], config, once.assetsOnly === true);
  const settings = {
    ...once,
    kinds: config.kinds,
    batchSize: config.batchSize,
    concurrency: config.concurrency,
    ratePerSecond: config.rate,
  };
  const plan = planRun(archive.db, settings, Date.now());
  const fresh = await idsOf(config.from, (id) => !isTracked(archive.db, id));
  const ids = once.assetsOnly ? [] : [...plan.ids, ...fresh].slice(0, once.limit);
  const report = {
    dryRun: true,
    tasks: { due: ids.length },
    requests: planBatches(ids, config.batchSize).length,
    assets: { wanted: once.noAssets ? 0 : plan.wanted },
  };
  if (json) await output.json(report);
  else
    output.print(
      `${config.home}\nwould ask for ${countOf(report.tasks.due, "task")} in ${countOf(report.requests, "request")} and fetch ${countOf(report.assets.wanted, "file")} already known`,
    );
  return EXIT.ok;
}

async function idsOf(files: string[], isNew: (id: string) => boolean): Promise<string[]> {
  const texts = await Promise.all(files.map(readInput));
  return [
    ...new Set(texts.flatMap((text) => [...pickIds(text).ids, ...findRecords(text).map((found) => found.taskId)])),
  ].filter(isNew);
}
