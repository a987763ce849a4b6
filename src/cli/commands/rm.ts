import { openForReading, openForRun } from "../../app/archive.ts";
import type { Config } from "../../config.ts";
import { EXIT, UsageError } from "../../lib/errors.ts";
import { purgeClips } from "../../remove/purge.ts";
import { keepClips, removeClips, type RemoveDeps } from "../../remove/remove.ts";
import { findClips, type NamedClip } from "../../query/lists/clips-of.ts";
import type { CliCommand, Context } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import { countOf, countText } from "../../print/output/numbers.ts";

type Options = { undo?: boolean; purge?: boolean; yes?: boolean; dryRun?: boolean; json?: boolean; assets?: string };

/** "I do not want this one": files to the trash, never fetched again; nothing upstream is touched. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument("<ids...>", "clips, or tasks with all their clips; the first characters are enough");
    bare.option("--undo", "bring them back, from the trash or by the next sync");
    bare.option("--purge", "for good: no trash, and their texts blanked in rows, records, journal and index");
    bare.option("--yes", "with --purge: do it");
    bare.option("--assets <folder>", "the folder of the files (PRODUCER_MIRROR_ASSETS, default <home>/assets)");
    bare.option("-n, --dry-run", "say what would be taken out; changes nothing");
    bare.option("--json", "the counts as one JSON document");
    bare.addHelpText(
      "after",
      "\nThe files stay in <home>/trash for 30 days. Backups keep what they have; --purge names them.",
    );
    addExitCodes(bare, [0, 2, 4, 7, 8, 9, 130, 143], {
      2: "an id that is not here or ambiguous; --purge without --yes",
    });
    return addExample(bare, "producer-mirror rm 1dd08826");
  },

  async run(context, args, options) {
    const config = context.config();
    if (options.undo && options.purge) throw new UsageError("--undo and --purge exclude each other");
    const clips = named(config, args, options);
    const verb = options.purge ? "purge" : options.undo ? "bring back" : "take out";
    if (options.dryRun)
      return report(context, config, { dryRun: true, clips: clips.length }, `would ${verb}`, clips, options);
    if (options.purge && !options.yes)
      throw new UsageError(`--purge cannot be undone: it would blank ${countOf(clips.length, "song")} for good`, {
        code: "needs_yes",
        hint: `${titles(clips)}; give --yes as well, or look first with --dry-run`,
      });
    await using archive = await openForRun(config, "rm");
    const deps: RemoveDeps = { ...archive, home: config.home, now: Date.now, signal: context.signal };
    await archive.store.check({ files: false });
    const ids = clips.map(({ id }) => id);
    if (options.purge) {
      const purged = await purgeClips(deps, ids);
      for (const place of purged.stillIn) context.output.note(`still in ${place}`);
      return await report(context, config, purged, "purged", clips, options);
    }
    const done = options.undo ? await keepClips(deps, ids) : await removeClips(deps, ids);
    return await report(context, config, done, options.undo ? "brought back" : "taken out", clips, options);
  },
};

function named(config: Config, args: string[], { undo, purge }: Options): NamedClip[] {
  using archive = openForReading(config);
  const clips = findClips(archive.db, args);
  const wrong = clips.find(({ removedAt, purgedAt }) => undo && (removedAt === null || purgedAt !== null));
  if (wrong?.purgedAt) throw new UsageError(`${wrong.id} was purged: it cannot be brought back`, { code: "purged" });
  if (wrong) throw new UsageError(`${wrong.id} was not taken out`, { code: "not_removed" });
  return purge ? clips.filter(({ purgedAt }) => purgedAt === null) : clips;
}

async function report(
  { output }: Context,
  config: Config,
  counts: { dryRun?: true; clips: number; files?: number; toFetch?: number },
  verb: string,
  clips: NamedClip[],
  { json }: Options,
): Promise<number> {
  if (json) await output.json(counts);
  else {
    const files = counts.files === undefined ? "" : `, ${countOf(counts.files, "file")}`;
    const fetch = counts.toFetch ? `; ${countText(counts.toFetch)} to fetch by the next sync` : "";
    output.print(`${config.home}\n${verb}: ${countOf(counts.clips, "song")}${files}${fetch}\n${titles(clips)}`);
  }
  return EXIT.ok;
}

function titles(clips: NamedClip[]): string {
  const shown = clips.slice(0, 5).map(({ id, title }) => `"${title ?? "untitled"}" ${id.slice(0, 8)}`);
  return clips.length > shown.length
    ? `${shown.join(", ")} and ${countText(clips.length - shown.length)} more`
    : shown.join(", ");
}
