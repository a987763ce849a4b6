import type { Config } from "../../../config.ts";
import { chooseGeneration } from "../../../backup/choose-generation.ts";
import { isOffSite } from "../../../backup/off-site/location.ts";
import {
  restoreFromFolder,
  type RestoreOptions,
  type RestoreProgress,
  type RestoreReport,
} from "../../../restore/restore.ts";
import { openForWriting } from "../../../app/write-archive.ts";
import { recordSource } from "../../../restore/record-source.ts";
import { IntegrityError, type MirrorError } from "../../../lib/errors.ts";
import type { CliCommand, Context } from "../../command.ts";
import { addExample, addExitCodes } from "../../options/help.ts";
import { addOffSiteDuration } from "../../options/off-site-option.ts";
import { restoreOffSite } from "./off-site.ts";
import { foreignNotes } from "../../../print/views/foreign-files.ts";
import { bytesText, countOf, countText } from "../../../print/output/numbers.ts";

type Options = { generation?: string; maxDuration?: string; force?: boolean; dryRun?: boolean; json?: boolean };

/** Restores an archive from its backup, which is checked before it replaces anything. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument("<from>", "a folder of backups, one backup in it, restic:<repository> or rclone:<remote>:<path>");
    bare.option("--generation <name>", "this backup instead of the newest one (for restic: the id of a snapshot)");
    addOffSiteDuration(bare);
    bare.option(
      "--force",
      "restore the undamaged part of a damaged backup; replace a different archive, or one with later changes",
    );
    bare.option("--assets <folder>", "the folder of the files (PRODUCER_MIRROR_ASSETS, default <home>/assets)");
    bare.option("-n, --dry-run", "check the backup, restore nothing");
    bare.option("--json", "the counts as one JSON document");
    bare.addHelpText("after", "\nThe old content of the archive's folder is moved to <home>.before-restore-<time>.");
    addExitCodes(bare, [0, 2, 4, 5, 6, 7, 8, 9, 130, 143], {
      2: "usage; there is no backup; the home has a different archive",
      4: "the backup is damaged; nothing was restored without --force",
      5: "the location of the backup cannot be reached: try later",
      6: "the location refused the password or the key",
      7: "disk or permission; the archive there has what the backup lacks",
      8: "another run holds the archive, or something was written to it meanwhile",
    });
    return addExample(bare, "producer-mirror restore /mnt/disk/songs --home ~/mirror");
  },

  async run(context, [from = ""], options) {
    const config = context.config();
    const report = await restore(context, config, from, options);
    if (report.restored) await noteSource(config, report);
    return {
      document: report,
      lines: [config.home, ...reportLines(report, options)],
      notes: foreignNotes(report),
      error: damageError(report, options),
    };
  },
};

async function noteSource(config: Config, report: RestoreReport): Promise<void> {
  using archive = openForWriting(config);
  await recordSource(archive.db, report, Date.now());
}

async function restore(context: Context, config: Config, from: string, options: Options): Promise<RestoreReport> {
  const { output, signal } = context;
  const { home, assets } = config;
  const how: RestoreOptions = { force: options.force === true, dryRun: options.dryRun === true };
  let shown = "";
  using _line = output.progress(() => shown);
  const onProgress = (progress: RestoreProgress) => (shown = progressText(progress));
  const deps = { home, assets, now: Date.now, signal, onProgress };
  if (!isOffSite(from)) return await restoreFromFolder(await chooseGeneration(from, options.generation), deps, how);
  const flags = { snapshot: options.generation, maxDuration: options.maxDuration };
  return await restoreOffSite(context, config, from, flags, how, {
    onProgress,
    onFetch: (line) => (shown = line),
  });
}

function progressText(progress: RestoreProgress): string {
  if (progress.step === "copying") return `copying ${bytesText(progress.bytes)} of ${bytesText(progress.total)}`;
  return `checking ${countText(progress.checked)}/${countText(progress.total)} files`;
}

function reportLines(
  { from, clips, files, bytes, before, restored, takenAt }: RestoreReport,
  { dryRun }: Options,
): string[] {
  const what = `${countOf(clips, "song")}, ${countOf(files, "file")}, ${bytesText(bytes)}`;
  const of = takenAt === null ? "" : ` of ${new Date(takenAt).toISOString()}`;
  if (!restored) return [`${dryRun ? "would be restored" : "not restored"}: ${what} from ${from}${of}`];
  return [
    `restored from ${from}${of}: ${what}`,
    ...(before ? [`the old archive is now ${before}`] : []),
    "`producer-mirror verify --full` checks every file, `producer-mirror sync` continues from here",
  ];
}

function damageError({ damaged, restored, from }: RestoreReport, { dryRun }: Options): MirrorError | undefined {
  const [first] = damaged;
  if (!first) return undefined;
  const name = first.title ? `"${first.title}" ${first.path}` : first.path;
  const more = damaged.length > 1 ? `, and ${countText(damaged.length - 1)} more` : "";
  const hint = restored
    ? "the undamaged part was restored; `producer-mirror sync` fetches the rest from upstream"
    : "choose an older backup with --generation, or restore the undamaged part with --force";
  return new IntegrityError(`the backup in ${from} is damaged: ${name} (${first.reason})${more}`, {
    code: "backup_damaged",
    hint: dryRun ? "an older backup may be undamaged: choose it with --generation" : hint,
  });
}
