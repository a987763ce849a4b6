import { lockArchive } from "../../app/archive.ts";
import { needJournal, rebuild, type RebuildReport } from "../../restore/rebuild/rebuild.ts";
import type { Config } from "../../config.ts";
import { EXIT, IntegrityError, type MirrorError } from "../../lib/errors.ts";
import { nextCheckAt } from "../../record/schedule.ts";
import type { CliCommand, Context } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import { bytesText, countOf, countText } from "../../print/output/numbers.ts";

type Options = { dryRun?: boolean; json?: boolean; assets?: string };

/** The database made anew from the journal and the files. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.option("--assets <folder>", "the folder of the files (PRODUCER_MIRROR_ASSETS, default <home>/assets)");
    bare.option("-n, --dry-run", "say what would come of it; changes nothing");
    bare.option("--json", "the counts as one JSON document");
    bare.addHelpText(
      "after",
      "\nNo network, no token. The old database stays beside. What the journal does not tell is not there afterwards: runs, failed attempts, what verify and backup found.",
    );
    addExitCodes(bare, [0, 2, 4, 7, 8, 130, 143], {
      2: "usage; there is no journal",
      4: "lines of the journal are damaged: the rest was rebuilt",
    });
    return addExample(bare, "producer-mirror rebuild");
  },

  async run(context, _args, options) {
    const { output } = context;
    const config = context.config();
    const report = await rebuildHeld(context, config, options.dryRun === true);
    const trouble = damage(report);
    const json = { ...(options.dryRun && { dryRun: true }), ...report };
    if (options.json && trouble) await output.error(trouble, json);
    else if (options.json) await output.json(json);
    else output.print([config.home, ...lines(report, options.dryRun === true)].join("\n"));
    await output.flush();
    if (trouble && !options.json) await output.error(trouble);
    return trouble?.exit ?? EXIT.ok;
  },
};

async function rebuildHeld({ output, signal }: Context, config: Config, dryRun: boolean): Promise<RebuildReport> {
  let done = { step: "lines", done: 0 };
  using _line = output.progress(() => `${done.step} ${countText(done.done)}`);
  const { home, assets } = config;
  const now = () => Date.now();
  const deps = { home, assets, now, signal, nextCheckAt, onProgress: (at: typeof done) => (done = at) };
  if (dryRun) return await rebuild(deps, { dryRun });
  needJournal(home);
  using _lock = lockArchive(config, "rebuild");
  return await rebuild(deps);
}

function lines({ tasks, clips, documents, tracked, assets, before, torn, unknown }: RebuildReport, dryRun: boolean) {
  const made = [
    countOf(tasks, "task"),
    countOf(clips, "clip"),
    countOf(documents, "document"),
    countOf(tracked, "tracked id"),
  ];
  const lost = assets.lost > 0 ? `, ${countOf(assets.lost, "file")} of the journal not found` : "";
  const adopted = assets.adopted > 0 ? `, ${countText(assets.adopted)} of them by name alone` : "";
  return [
    `${dryRun ? "would be rebuilt" : "rebuilt"}: ${made.join(" · ")}`,
    `${countOf(assets.stored, "file")}, ${bytesText(assets.bytes)}${adopted}; ${countText(assets.wanted)} to fetch${lost}`,
    ...(torn > 0 ? [`${countOf(torn, "line")} that a crash had cut ${torn === 1 ? "was" : "were"} passed over`] : []),
    ...Object.entries(unknown).map(
      ([type, count]) => `${countOf(count, "line")} of the kind "${type}" are of a newer program`,
    ),
    ...(before ? [`the old database: ${before}`] : []),
    ...(dryRun ? [] : ["`producer-mirror verify --full` reads every file"]),
  ];
}

function damage({ damaged }: RebuildReport): MirrorError | undefined {
  if (damaged.length === 0) return undefined;
  const more = damaged.length > 1 ? `, and ${countText(damaged.length - 1)} more` : "";
  return new IntegrityError(`the journal is damaged: ${damaged[0]}${more}`, {
    code: "journal_damaged",
    hint: "the rest was rebuilt; a backup's journal may have these lines whole",
  });
}
