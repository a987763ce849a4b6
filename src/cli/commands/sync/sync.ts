import { openForRun } from "../../../app/archive.ts";
import { UsageError } from "../../../lib/errors.ts";
import { checkTracked } from "../../../app/check-tracked.ts";
import type { CliCommand } from "../../command.ts";
import { addExample, addExitCodes } from "../../options/help.ts";
import { readCount } from "../../options/option-values.ts";
import { addBoundOptions, readBounds, addSettingOptions, type BoundFlags } from "../../options/sync-options.ts";
import { requireToken, refuseDemo, type SyncOnceOptions } from "../../../app/run-sync.ts";
import { syncAndPrint } from "./sync-and-print.ts";
import { dryRun } from "./dry-run.ts";

type Options = BoundFlags & {
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
    addSettingOptions(addBoundOptions(bare));
    bare.option("-n, --dry-run", "say what would be asked and fetched; asks nothing, changes nothing");
    bare.option("--json", "the counts as one JSON document");
    addExitCodes(bare, [0, 2, 3, 4, 5, 6, 7, 8, 9, 130, 143], {
      2: "usage or configuration; no archive here; nothing tracked",
    });
    return addExample(bare, "producer-mirror sync");
  },

  async run(context, ids, options) {
    const noAssets = options.assets === false;
    if (noAssets && options.assetsOnly) throw new UsageError("--no-assets and --assets-only exclude each other");
    const config = context.config(noAssets ? { assets: undefined } : {});
    const once = readOptions(ids, options, noAssets);
    if (options.dryRun) return dryRun(context, config, once, options.json === true);
    await using archive = await openForRun(config, "sync");
    refuseDemo(archive, config.home);
    checkTracked(archive, ids, config, options.assetsOnly === true);
    if (!once.assetsOnly) requireToken(config);
    const report = await syncAndPrint(context, config, archive, once, options.json === true);
    return report.exitCode;
  },
};

function readOptions(ids: string[], options: Options, noAssets: boolean): SyncOnceOptions {
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
