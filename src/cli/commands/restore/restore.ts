import type { Config } from "../../../config.ts";
import { chooseGeneration } from "../../../backup/choose-generation.ts";
import { isOffSite } from "../../../backup/off-site/location.ts";
import {
  restoreFromFolder,
  type RestoreOptions,
  type RestoreProgress,
  type RestoreReport,
} from "../../../restore/restore.ts";
import { EXIT, IntegrityError, type MirrorError } from "../../../lib/errors.ts";
import type { CliCommand, Context } from "../../command.ts";
import { addExample, addExitCodes } from "../../options/help.ts";
import { addOffSiteDuration } from "../../options/off-site-option.ts";
import { restoreOffSite } from "./off-site.ts";
import { bytesText, countOf, countText } from "../../../print/output/numbers.ts";

type Options = { generation?: string; maxDuration?: string; force?: boolean; dryRun?: boolean; json?: boolean };

/** An archive from its backup, verified before it takes the place of what is there. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument("<from>", "a folder of backups, one backup in it, restic:<repository> or rclone:<remote>:<path>");
    bare.option("--generation <name>", "this backup and not the newest one (of restic: the snapshot's id)");
    addOffSiteDuration(bare);
    bare.option("--force", "take what is good of a damaged backup, and put it over a different archive");
    bare.option("--assets <folder>", "the folder of the files (PRODUCER_MIRROR_ASSETS, default <home>/assets)");
    bare.option("-n, --dry-run", "check the backup, restore nothing");
    bare.option("--json", "the counts as one JSON document");
    bare.addHelpText("after", "\nWhat was in the archive's folder stays beside it, as <home>.before-restore-<time>.");
    addExitCodes(bare, [0, 2, 4, 5, 6, 7, 8, 9, 130, 143], {
      2: "usage; no backup there; a different archive is there",
      4: "the backup is damaged: nothing was restored, without --force",
    });
    return addExample(bare, "producer-mirror restore /mnt/disk/songs --home ~/mirror");
  },

  async run(context, [from = ""], options) {
    const { output } = context;
    const config = context.config();
    const restored = await restore(context, config, from, options);
    const trouble = damage(restored, options);
    if (options.json && trouble) await output.error(trouble, restored);
    else if (options.json) await output.json({ ...(options.dryRun && { dryRun: true }), ...restored });
    else output.print([config.home, ...lines(restored, options)].join("\n"));
    await output.flush();
    if (trouble && !options.json) await output.error(trouble);
    return trouble?.exit ?? EXIT.ok;
  },
};

async function restore(context: Context, config: Config, from: string, options: Options): Promise<RestoreReport> {
  const { output, signal } = context;
  const { home, assets } = config;
  const how: RestoreOptions = { force: options.force === true, dryRun: options.dryRun === true };
  let said = "";
  using _line = output.progress(() => said);
  const onProgress = (progress: RestoreProgress) => (said = progressText(progress));
  const deps = { home, assets, now: Date.now, signal, onProgress };
  if (!isOffSite(from)) return await restoreFromFolder(await chooseGeneration(from, options.generation), deps, how);
  const flags = { snapshot: options.generation, maxDuration: options.maxDuration };
  return await restoreOffSite(context, config, from, flags, how, {
    onProgress,
    onFetch: (line) => (said = line),
  });
}

function progressText(progress: RestoreProgress): string {
  if (progress.step === "copying") return `copying ${bytesText(progress.bytes)} of ${bytesText(progress.total)}`;
  return `checking ${countText(progress.checked)}/${countText(progress.total)} files`;
}

function lines({ from, clips, files, bytes, before, restored, takenAt }: RestoreReport, { dryRun }: Options): string[] {
  const what = `${countOf(clips, "song")}, ${countOf(files, "file")}, ${bytesText(bytes)}`;
  const of = takenAt === null ? "" : ` of ${new Date(takenAt).toISOString()}`;
  if (!restored) return [`${dryRun ? "would be restored" : "not restored"}: ${what} from ${from}${of}`];
  return [
    `restored from ${from}${of}: ${what}`,
    ...(before ? [`what was here before: ${before}`] : []),
    "`producer-mirror verify --full` reads every file, `producer-mirror sync` goes on from here",
  ];
}

function damage({ damaged, restored, from }: RestoreReport, { dryRun }: Options): MirrorError | undefined {
  const [first] = damaged;
  if (!first) return undefined;
  const name = first.title ? `"${first.title}" ${first.path}` : first.path;
  const more = damaged.length > 1 ? `, and ${countText(damaged.length - 1)} more` : "";
  const hint = restored
    ? "what is good was restored; `producer-mirror sync` brings back what upstream has"
    : "choose an older backup with --generation, or take what is good with --force";
  return new IntegrityError(`the backup in ${from} is damaged: ${name} (${first.reason})${more}`, {
    code: "backup_damaged",
    hint: dryRun ? "an older backup may be whole: --generation names one" : hint,
  });
}
