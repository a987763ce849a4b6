import { openForWriting, storeOf } from "../../../app/archive.ts";
import type { Config } from "../../../config.ts";
import { EXIT, IntegrityError, UsageError, type MirrorError } from "../../../lib/errors.ts";
import { packageVersion } from "../../../lib/package-root.ts";
import {
  backupToFolder,
  planBackup,
  type BackupDeps,
  type FolderBackup,
} from "../../../backup/folder/backup-to-folder.ts";
import { checkNewest } from "../../../backup/choose-generation.ts";
import { backupOffSite } from "./off-site.ts";
import type { CliCommand, Context } from "../../command.ts";
import { addExample, addExitCodes } from "../../options/help.ts";
import { addOffSiteDuration } from "../../options/off-site-option.ts";
import { readCount } from "../../options/option-values.ts";
import { bytesText, countOf, countText } from "../../../print/output/numbers.ts";

type Options = {
  to?: string;
  init?: boolean;
  keep?: string;
  quick?: boolean;
  maxDuration?: string;
  verify?: boolean;
  dryRun?: boolean;
  json?: boolean;
};

/** A copy of everything in a folder, a restic repository or an rclone remote, read back before it counts. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument("[folder]", "holds this archive's backups, one below the other; best on another disk");
    bare.option("--to <place>", "restic:<repository> or rclone:<remote>:<path>, by the programs of that name");
    bare.option("--init", "with --to restic: make the repository");
    bare.option("--keep <n>", "keep so many good backups in the folder, this one included");
    bare.option("--quick", "trust what an older backup has, without reading it again");
    addOffSiteDuration(bare);
    bare.option("--verify", "make none: read the newest one in the folder and hold it against its list");
    bare.option("--assets <folder>", "the folder of the files (PRODUCER_MIRROR_ASSETS, default <home>/assets)");
    bare.option("-n, --dry-run", "say whether it could be made; makes nothing");
    bare.option("--json", "the counts as one JSON document");
    bare.addHelpText(
      "after",
      "\nA sync may run meanwhile. Nothing is ever deleted at a restic or rclone place. Passwords and keys come by the environment (RESTIC_PASSWORD, RCLONE_CONFIG, AWS_…).",
    );
    addExitCodes(bare, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130, 143], {
      3: "restic or rclone did not get through it: run it again, what is there is not sent twice",
      4: "files are damaged or missing here, or the backup that was verified is",
      5: "the place cannot be reached, or is locked: try later",
      6: "the place refused the password or the key",
      8: "another backup is under way",
    });
    return addExample(bare, "producer-mirror backup /mnt/disk/songs --keep 12");
  },

  async run(context, [folder], options) {
    const config = context.config();
    if ((folder === undefined) === (options.to === undefined))
      throw new UsageError("name a folder, or a place with --to", {
        hint: "`producer-mirror backup --help` has an example",
      });
    if (options.to !== undefined) return toOffSite(context, config, { ...options, to: options.to });
    return options.verify
      ? verifyFolder(context, folder ?? "", options)
      : toFolder(context, config, folder ?? "", options);
  },
};

async function toFolder(context: Context, config: Config, folder: string, options: Options): Promise<number> {
  const { output } = context;
  const keep = options.keep === undefined ? undefined : readCount(options.keep, "--keep");
  if (keep === 0) throw new UsageError("--keep takes 1 or more");
  using archive = openForWriting(config);
  const deps = { home: config.home, db: archive.db, store: storeOf(config, archive) };
  if (options.dryRun) {
    const location = await planBackup(deps, folder);
    if (options.json) await output.json({ dryRun: true, location });
    else output.print(`${config.home}\nwould be backed up into ${location}`);
    return EXIT.ok;
  }
  const result = await watched(context, deps, (more) =>
    backupToFolder(more, folder, { keep, quick: options.quick === true }),
  );
  for (const path of result.rotten) output.note(`an older backup is not as it was written: ${path}`);
  return await report(context, config, result, folderLines(result), damagedHere(result.damaged), options);
}

type Common = Pick<BackupDeps, "home" | "db" | "store">;

async function watched<T>(
  { output, signal }: Context,
  deps: Common,
  work: (deps: BackupDeps) => Promise<T>,
): Promise<T> {
  let state = { files: 0, totalFiles: 0, bytes: 0, totalBytes: 0 };
  using _line = output.progress(
    () =>
      `files ${countText(state.files)}/${countText(state.totalFiles)}  ${bytesText(state.bytes)} of ${bytesText(state.totalBytes)}`,
  );
  const onProgress = (progress: typeof state) => (state = progress);
  return await work({ ...deps, version: packageVersion(), now: Date.now, signal, onProgress });
}

function toOffSite(context: Context, config: Config, options: Options & { to: string }): Promise<number> {
  const local = [options.keep && "--keep", options.verify && "--verify", options.quick && "--quick"].find(Boolean);
  if (local) throw new UsageError(`${local} is for a folder, not for --to`);
  return backupOffSite(context, config, options);
}

async function verifyFolder(context: Context, folder: string, options: Options): Promise<number> {
  const { output, signal } = context;
  let checked = 0;
  using line = output.progress(() => `files ${countText(checked)}`);
  const check = await checkNewest(folder, { signal, onProgress: (progress) => (checked = progress.checked) });
  line[Symbol.dispose]();
  const { damaged, good, bytes } = check;
  const counts = { folder: check.folder, ok: good.size, bytes, damaged };
  const text = `${check.folder}\n${countOf(good.size, "file")} as they were written, ${bytesText(bytes)}`;
  const first = damaged[0];
  const trouble =
    first &&
    new IntegrityError(
      `${countOf(damaged.length, "file")} of ${check.folder} not as written: ${first.path} (${first.reason})`,
      {
        code: "backup_damaged",
        hint: "make another backup; what is damaged here is still in the archive, or in an older backup",
      },
    );
  return await finish(context, counts, text, trouble, options);
}

function report(
  context: Context,
  { home }: Config,
  result: object,
  lines: string[],
  trouble: MirrorError | undefined,
  options: Options,
): Promise<number> {
  return finish(context, result, [home, ...lines].join("\n"), trouble, options);
}

async function finish(
  { output }: Context,
  counts: object,
  text: string,
  trouble: MirrorError | undefined,
  { json }: Options,
): Promise<number> {
  if (json && trouble) await output.error(trouble, counts);
  else if (json) await output.json(counts);
  else output.print(text);
  await output.flush();
  if (trouble && !json) await output.error(trouble);
  return trouble?.exit ?? EXIT.ok;
}

function folderLines({ location, generation, clips, files, bytes, linked, removed }: FolderBackup): string[] {
  const shared = linked > 0 ? `, ${countText(linked)} shared with an older backup` : "";
  return [
    `backed up into ${location}/${generation}: ${countOf(clips, "song")}, ${countOf(files, "file")}, ${bytesText(bytes)}${shared}; all of it read back`,
    ...(removed.length > 0 ? [`removed: ${removed.join(", ")}`] : []),
  ];
}

function damagedHere(files: { path: string; title?: string | null; reason: string }[]): MirrorError | undefined {
  const [first] = files;
  if (!first) return undefined;
  const more = files.length > 1 ? `, and ${countText(files.length - 1)} more` : "";
  const name = first.title ? `"${first.title}" ${first.path}` : first.path;
  return new IntegrityError(`not as they should be here: ${name} (${first.reason})${more}`, {
    code: "files_damaged",
    hint: "the rest is backed up; `producer-mirror verify` names them all, `producer-mirror sync` brings back what upstream has",
  });
}
