import { lockArchive } from "../../app/run-archive.ts";
import { requireSource } from "../../restore/rebuild/old-database.ts";
import { rebuild } from "../../restore/rebuild/rebuild.ts";
import type { RebuildReport } from "../../restore/rebuild/report.ts";
import type { Config } from "../../config.ts";
import { IntegrityError, type MirrorError } from "../../lib/errors.ts";
import type { CliCommand, Context } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import { bytesText, countOf, countText } from "../../print/output/numbers.ts";

type Options = { dryRun?: boolean; json?: boolean; assets?: string; adoptAssets?: boolean };

/** Makes the database again from the journal and the files. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.option("--assets <folder>", "the folder of the files (PRODUCER_MIRROR_ASSETS, default <home>/assets)");
    bare.option(
      "--adopt-assets",
      "take the folder of the files as it is, also when it is empty or marked as another's",
    );
    bare.option("-n, --dry-run", "show what would be rebuilt, and change nothing");
    bare.option("--json", "the counts as one JSON document");
    bare.addHelpText(
      "after",
      "\nNeeds no network and no token. The old database stays in the same folder under another name.\nThe history of runs, verifies and backups is taken over from the old database if it can be read.\nLines that the journal has lost are written again from the old database.",
    );
    addExitCodes(bare, [0, 2, 4, 7, 8, 130, 143], {
      2: "usage; there is neither a journal nor a database",
      4: "lines of the journal are damaged; the rest was rebuilt",
    });
    return addExample(bare, "producer-mirror rebuild");
  },

  async run(context, _args, options) {
    const config = context.config();
    const dryRun = options.dryRun === true;
    const report = await rebuildLocked(context, config, options);
    return { document: report, lines: [config.home, ...reportLines(report, dryRun)], error: damageError(report) };
  },
};

async function rebuildLocked(
  { output, signal }: Context,
  config: Config,
  { dryRun = false, adoptAssets = false }: Options,
): Promise<RebuildReport> {
  let done = { step: "lines", done: 0 };
  using _line = output.progress(() => `${done.step} ${countText(done.done)}`);
  const { home, assets } = config;
  const now = () => Date.now();
  const deps = { home, assets, adoptAssets, now, signal, onProgress: (at: typeof done) => (done = at) };
  if (dryRun) return await rebuild(deps, { dryRun });
  requireSource(home);
  using _lock = lockArchive(config, "rebuild");
  return await rebuild(deps);
}

function reportLines(
  { tasks, clips, documents, tracked, assets, before, torn, unknown, rescued, historyKept }: RebuildReport,
  dryRun: boolean,
) {
  const made = [
    countOf(tasks, "task"),
    countOf(clips, "clip"),
    countOf(documents, "document"),
    countOf(tracked, "tracked id"),
  ];
  const lost = assets.lost > 0 ? `, ${countOf(assets.lost, "file")} in the journal not found` : "";
  const adopted = assets.adopted > 0 ? `, ${countText(assets.adopted)} of them found by name only` : "";
  return [
    `${dryRun ? "would be rebuilt" : "rebuilt"}: ${made.join(" · ")}`,
    `${countOf(assets.stored, "file")}, ${bytesText(assets.bytes)}${adopted}; ${countText(assets.wanted)} to fetch${lost}`,
    ...(torn > 0 ? [`${countOf(torn, "line")} cut off by a crash ${torn === 1 ? "was" : "were"} skipped`] : []),
    ...Object.entries(unknown).map(
      ([type, count]) => `${countOf(count, "line")} of type "${type}" were written by a newer version of the program`,
    ),
    ...(rescued > 0
      ? [
          `${countOf(rescued, "line")} that the journal had lost ${dryRun ? "would be" : rescued === 1 ? "was" : "were"} written again from the old database`,
        ]
      : []),
    ...(historyKept === false
      ? ["the history of runs, verifies and backups could not be read from the old database"]
      : []),
    ...(before ? [`the old database is now ${before}`] : []),
    ...(dryRun ? [] : ["`producer-mirror verify --full` reads every file"]),
  ];
}

function damageError({ damaged }: RebuildReport): MirrorError | undefined {
  if (damaged.length === 0) return undefined;
  const more = damaged.length > 1 ? `, and ${countText(damaged.length - 1)} more` : "";
  return new IntegrityError(`the journal is damaged: ${damaged[0]}${more}`, {
    code: "journal_damaged",
    hint: "the rest was rebuilt; the journal in a backup may have these lines undamaged",
  });
}
