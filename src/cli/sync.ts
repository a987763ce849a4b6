import { openForReading, openForRun, type RunArchive } from "../app.ts";
import { isTracked } from "../archive/tracking.ts";
import type { Config } from "../config.ts";
import { EXIT, UsageError } from "../lib/errors.ts";
import { hasTracked } from "../query/standing.ts";
import { findRecords } from "../record/find-records.ts";
import { pickIds } from "../record/pick-ids.ts";
import { planBatches } from "../sync/plan.ts";
import { planRun } from "../sync/run.ts";
import type { CliCommand, Context } from "./command.ts";
import { example, exitCodes } from "./help.ts";
import { readCount } from "./list-options.ts";
import { countOf } from "./numbers.ts";
import { readInput } from "./read-input.ts";
import { boundOptions, readBounds, settingOptions, type RunFlags } from "./run-options.ts";
import { needToken, refuseDemo, type OnceOptions } from "./run-once.ts";
import { syncAndPrint } from "./sync-and-print.ts";

type Options = RunFlags & {
  refresh?: boolean;
  assetsOnly?: boolean;
  adoptAssets?: boolean;
  dryRun?: boolean;
  json?: boolean;
};

/** One run: ask for the tracked tasks, fetch their files. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument("[ids...]", "only these task ids; they must be tracked");
    bare.option("--refresh", "ask for settled tasks and look for gone files again");
    bare.option("--no-assets", "records only");
    bare.option("--assets-only", "files only; needs no token");
    bare.option("--limit <n>", "ask for at most so many tasks");
    bare.option(
      "--adopt-assets",
      "take the assets folder for this archive's although its marker is another's or absent",
    );
    settingOptions(boundOptions(bare));
    bare.option("-n, --dry-run", "say what would be asked and fetched; asks nothing, changes nothing");
    bare.option("--json", "the counts as one JSON document");
    exitCodes(bare, [0, 2, 3, 4, 5, 6, 7, 8, 9, 130, 143]);
    return example(bare, "producer-mirror sync");
  },

  async run(context, ids, options) {
    const noAssets = options.assets === false;
    if (noAssets && options.assetsOnly) throw new UsageError("--no-assets and --assets-only exclude each other");
    const config = context.config(noAssets ? { assets: undefined } : {});
    const once = readOptions(ids, options, noAssets);
    if (options.dryRun) return dryRun(context, config, once, options);
    await using archive = await openForRun(config, "sync");
    refuseDemo(archive, config.home);
    checkTracked(archive, ids, config, options);
    if (!once.assetsOnly) needToken(config);
    const report = await syncAndPrint(context, config, archive, once, options.json === true);
    return report.exitCode;
  },
};

function readOptions(ids: string[], options: Options, noAssets: boolean): OnceOptions {
  const limit = options.limit === undefined ? 0 : readCount(options.limit, "--limit");
  return {
    trigger: "manual",
    refresh: options.refresh === true,
    noAssets,
    assetsOnly: options.assetsOnly === true,
    adoptAssets: options.adoptAssets === true,
    ...(ids.length > 0 && { only: ids.map((id) => id.toLowerCase()) }),
    ...(limit > 0 && { limit }),
    ...readBounds(options),
  };
}

function checkTracked({ db }: Pick<RunArchive, "db">, ids: string[], config: Config, { assetsOnly }: Options): void {
  const unknown = ids.filter((id) => !isTracked(db, id.toLowerCase()));
  if (unknown.length > 0)
    throw new UsageError(`not tracked: ${unknown.join(", ")}`, {
      code: "not_tracked",
      hint: "track it first: producer-mirror track <id>",
    });
  if (assetsOnly || config.from.length > 0 || hasTracked(db)) return;
  throw new UsageError(`nothing is tracked in ${config.home}`, {
    code: "nothing_tracked",
    hint: "producer-mirror track <id>, or track --file FILE",
  });
}

async function dryRun({ output }: Context, config: Config, once: OnceOptions, options: Options): Promise<number> {
  using archive = openForReading(config);
  refuseDemo(archive, config.home);
  checkTracked(archive, once.only ?? [], config, options);
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
  if (options.json) await output.json(report);
  else
    output.data(
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
