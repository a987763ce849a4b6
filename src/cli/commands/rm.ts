import { openForReading } from "../../app/archive.ts";
import { openRun } from "../open-run.ts";
import type { Config } from "../../config.ts";
import { UsageError } from "../../lib/errors.ts";
import { purgeClips } from "../../remove/purge.ts";
import { undoRemoval, removeClips, type RemoveDeps } from "../../remove/remove.ts";
import { TRASH_DAYS } from "../../remove/trash.ts";
import { findClips, type NamedClip } from "../../query/lists/clips-of.ts";
import type { CliCommand, Outcome } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import { countOf, countText } from "../../print/output/numbers.ts";

type Options = { undo?: boolean; purge?: boolean; yes?: boolean; dryRun?: boolean; json?: boolean; assets?: string };

/** Ids that are repeated in the line that says how to undo. */
const MOST_REPEATED = 5;

/** Removes songs: their files go to the trash and are never fetched again. Nothing upstream is changed. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument("<ids...>", "clips, or tasks with all their clips; the first characters of an id are enough");
    bare.option("--undo", "bring them back, from the trash or with the next sync");
    bare.option(
      "--purge",
      "delete the files, and erase the texts in database, records, journal and index; cannot be undone",
    );
    bare.option("--yes", "confirm --purge");
    bare.option("--assets <folder>", "the folder of the files (PRODUCER_MIRROR_ASSETS, default <home>/assets)");
    bare.option("-n, --dry-run", "show what would be removed, and change nothing");
    bare.option("--json", "the counts as one JSON document");
    bare.addHelpText(
      "after",
      "\nThe files stay in <home>/trash for 30 days. Backups are not changed; --purge names those that still have the songs.",
    );
    addExitCodes(bare, [0, 2, 4, 7, 8, 9, 130, 143], {
      2: "an id that is unknown or ambiguous; --purge without --yes",
    });
    return addExample(bare, "producer-mirror rm 1dd08826");
  },

  async run(context, args, options) {
    const config = context.config();
    if (options.undo && options.purge) throw new UsageError("--undo and --purge exclude each other");
    const clips = await chooseClips(config, args, options);
    const verb = options.purge ? "purge" : options.undo ? "bring back" : "remove";
    if (options.dryRun) return report(config, { clips: clips.length }, `would ${verb}`, clips);
    if (options.purge && !options.yes)
      throw new UsageError(`--purge cannot be undone: it would erase ${countOf(clips.length, "song")} for good`, {
        code: "needs_yes",
        hint: `${titles(clips)}; add --yes to confirm, or look first with --dry-run`,
      });
    await using archive = await openRun(context, config, "rm");
    const deps: RemoveDeps = { ...archive, home: config.home, now: Date.now, signal: context.signal };
    const ids = clips.map(({ id }) => id);
    if (options.purge) {
      const purged = await purgeClips(deps, ids);
      const notes = purged.stillIn.map((backup) => `still in ${backup}`);
      return { ...report(config, purged, "purged", clips), notes };
    }
    const done = options.undo ? await undoRemoval(deps, ids) : await removeClips(deps, ids);
    if (options.undo) return report(config, done, "brought back", clips);
    const outcome = report(config, done, "removed", clips);
    return { ...outcome, lines: [...(outcome.lines ?? []), undoLine(args)] };
  },
};

/** Also clips that are marked already: a killed command is finished by the next. */
async function chooseClips(config: Config, args: string[], { undo }: Options): Promise<NamedClip[]> {
  using archive = await openForReading(config);
  const clips = findClips(archive.db, args);
  const wrong = clips.find(({ removedAt, purgedAt }) => undo && (removedAt === null || purgedAt !== null));
  if (wrong?.purgedAt) throw new UsageError(`${wrong.id} was purged: it cannot be brought back`, { code: "purged" });
  if (wrong) throw new UsageError(`${wrong.id} was not removed`, { code: "not_removed" });
  return clips;
}

/** The ids as they were typed, where they are few enough to be typed again. */
function undoLine(args: string[]): string {
  const ids = args.length > MOST_REPEATED ? "<the same ids>" : args.join(" ");
  return `undo: \`producer-mirror rm --undo ${ids}\`; their files stay in the trash for ${TRASH_DAYS} days`;
}

function report(
  { home }: Config,
  counts: { clips: number; files?: number; toFetch?: number },
  verb: string,
  clips: NamedClip[],
): Outcome {
  const files = counts.files === undefined ? "" : `, ${countOf(counts.files, "file")}`;
  const fetch = counts.toFetch ? `; the next sync fetches ${countText(counts.toFetch)}` : "";
  return {
    document: counts,
    lines: [home, `${verb}: ${countOf(counts.clips, "song")}${files}${fetch}`, titles(clips)],
  };
}

function titles(clips: NamedClip[]): string {
  const shown = clips.slice(0, 5).map(({ id, title }) => `"${title ?? "untitled"}" ${id.slice(0, 8)}`);
  return clips.length > shown.length
    ? `${shown.join(", ")} and ${countText(clips.length - shown.length)} more`
    : shown.join(", ");
}
