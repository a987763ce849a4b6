import { openRun } from "../../open-run.ts";
import { UsageError } from "../../../lib/errors.ts";
import { checkTracked } from "../../../app/check-tracked.ts";
import type { CliCommand } from "../../command.ts";
import { addExample, addExitCodes } from "../../options/help.ts";
import { readCount } from "../../../lib/text/option-words.ts";
import { addBoundOptions, readBounds, addSettingOptions, type BoundFlags } from "../../options/sync-options.ts";
import { requireToken, refuseDemo, type SyncOnceOptions } from "../../../app/run-sync.ts";
import { syncOutcome, syncWithProgress } from "./sync-outcome.ts";
import { planSync } from "./dry-run.ts";

type Options = BoundFlags & {
  refresh?: boolean;
  assetsOnly?: boolean;
  adoptAssets?: boolean;
  dryRun?: boolean;
  json?: boolean;
};

/** One run: requests the tracked tasks and fetches their files. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument("[ids...]", "only these tasks, which must be tracked; the beginnings of their ids are enough");
    bare.option("--refresh", "also request finished tasks, and files that were gone upstream");
    bare.option("--no-assets", "records only");
    bare.option("--assets-only", "files only; needs no token");
    bare.option("--limit <n>", "request at most this many tasks");
    bare.option("--adopt-assets", "use an assets folder that has no marker, or the marker of another archive");
    addSettingOptions(addBoundOptions(bare));
    bare.option("-n, --dry-run", "show what would be requested and fetched; send and change nothing");
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
    const once = readOptions(options, noAssets);
    if (options.dryRun) return planSync(config, once, ids);
    await using archive = await openRun(context, config, "sync");
    refuseDemo(archive, config.home);
    const only = checkTracked(archive, ids, config, options.assetsOnly === true);
    if (!once.assetsOnly) requireToken(config);
    const report = await syncWithProgress(context, config, archive, { ...once, ...(ids.length > 0 && { only }) });
    return syncOutcome(config, archive, report, options.json === true);
  },
};

function readOptions(options: Options, noAssets: boolean): SyncOnceOptions {
  const limit = options.limit === undefined ? 0 : readCount(options.limit, "--limit");
  return {
    trigger: "manual",
    refresh: options.refresh === true,
    noAssets,
    assetsOnly: options.assetsOnly === true,
    adoptAssets: options.adoptAssets === true,
    ...(limit > 0 && { limit }),
    ...readBounds(options),
  };
}
