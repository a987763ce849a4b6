import { storeOf } from "../../../app/archive-files.ts";
import { existsSync } from "node:fs";
import { openForWriting } from "../../../app/write-archive.ts";
import type { Config } from "../../../config.ts";
import { IntegrityError, UsageError, type MirrorError } from "../../../lib/errors.ts";
import { packageVersion } from "../../../lib/package-root.ts";
import {
  backupToFolder,
  planBackup,
  type BackupDeps,
  type FolderBackup,
} from "../../../backup/folder/backup-to-folder.ts";
import { isOffSite } from "../../../backup/off-site/location.ts";
import { checkNewest } from "../../../backup/choose-generation.ts";
import { backupOffSite } from "./off-site.ts";
import type { CliCommand, Context, Outcome } from "../../command.ts";
import { addExample, addExitCodes } from "../../options/help.ts";
import { addOffSiteDuration } from "../../options/off-site-option.ts";
import { readCount } from "../../../lib/text/option-words.ts";
import { foreignNotes } from "../../../print/views/foreign-files.ts";
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

/** Copies everything to a folder, a restic repository or an rclone remote. A backup counts only after it was read back. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument(
      "[location]",
      "a folder for this archive's backups, best on another disk; or restic:<repository> or rclone:<remote>:<path>",
    );
    bare.option("--to <location>", "the same location, by a flag; restic: and rclone: need the program of that name");
    bare.option("--init", "with restic: create the repository");
    bare.option(
      "--keep <n>",
      "keep this many undamaged backups in the folder, the new one included; remove older ones",
    );
    bare.option("--quick", "reuse files of an older backup without reading them again");
    addOffSiteDuration(bare);
    bare.option("--verify", "make no backup; check every file of the newest one");
    bare.option("--assets <folder>", "the folder of the files (PRODUCER_MIRROR_ASSETS, default <home>/assets)");
    bare.option("-n, --dry-run", "check whether a backup can be made; make none");
    bare.option("--json", "the counts as one JSON document");
    bare.addHelpText(
      "after",
      "\nA sync may run at the same time. Nothing is ever deleted from a restic repository or an rclone remote.\nPasswords and keys are read from the environment (RESTIC_PASSWORD, RCLONE_CONFIG, AWS_…).",
    );
    addExitCodes(bare, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130, 143], {
      3: "restic or rclone did not finish: run it again, what was uploaded is not sent twice",
      4: "files of the archive, or of the backup that was verified, are damaged or missing",
      5: "the location cannot be reached, or is locked: try later",
      6: "the location refused the password or the key",
      8: "another backup is running",
    });
    return addExample(bare, "producer-mirror backup /mnt/disk/songs --keep 12");
  },

  async run(context, [named], options) {
    const config = context.config();
    const location = named ?? options.to;
    if (location === undefined || (named !== undefined && options.to !== undefined))
      throw new UsageError("name one location: a folder, or an address as restic:… or rclone:…", {
        hint: "`producer-mirror backup --help` has an example",
      });
    if (isOffSite(location) || named === undefined) return toOffSite(context, config, { ...options, to: location });
    refuseAddress(location);
    return options.verify ? verifyFolder(context, location) : toFolder(context, config, location, options);
  },
};

/** What looks like the address of another program would become a folder of that name, and no backup where it was meant to be. */
function refuseAddress(location: string): void {
  const scheme = /^[a-z][a-z0-9+.-]+:/i.exec(location)?.[0];
  if (scheme === undefined || existsSync(location)) return;
  throw new UsageError(`${location} is no folder, and ${scheme} is no address that backup knows`, {
    code: "unknown_address",
    hint: `write restic:${location} or rclone:${location}; for a folder of that name write ./${location}`,
  });
}

async function toFolder(context: Context, config: Config, folder: string, options: Options): Promise<Outcome> {
  const keep = options.keep === undefined ? undefined : readCount(options.keep, "--keep");
  if (keep === 0) throw new UsageError("--keep takes 1 or more");
  using archive = openForWriting(config);
  const deps = { home: config.home, db: archive.db, store: storeOf(config, archive) };
  if (options.dryRun) {
    const location = await planBackup(deps, folder);
    return { document: { location }, lines: [config.home, `would be backed up to ${location}`] };
  }
  const result = await withProgress(context, deps, (more) =>
    backupToFolder(more, folder, { keep, quick: options.quick === true }),
  );
  return {
    document: result,
    lines: [config.home, ...folderLines(result)],
    notes: [
      ...result.rotten.map((path) => `an older backup is damaged: ${path}`),
      ...result.unfinished.map(
        (name) =>
          `${name} is unfinished and not of this home: another machine may be making it; if none does, remove that folder`,
      ),
    ],
    error: damagedHere(result.damaged),
  };
}

type Common = Pick<BackupDeps, "home" | "db" | "store">;

async function withProgress<T>(
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

function toOffSite(context: Context, config: Config, options: Options & { to: string }): Promise<Outcome> {
  const local = [options.keep && "--keep", options.verify && "--verify", options.quick && "--quick"].find(Boolean);
  if (local) throw new UsageError(`${local} is for a folder, not for restic or rclone`);
  return backupOffSite(context, config, options);
}

async function verifyFolder({ output, signal }: Context, folder: string): Promise<Outcome> {
  let checked = 0;
  using _line = output.progress(() => `files ${countText(checked)}`);
  const check = await checkNewest(folder, { signal, onProgress: (progress) => (checked = progress.checked) });
  const { damaged, foreign, good, bytes } = check;
  return {
    document: { folder: check.folder, ok: good.size, bytes, damaged, foreign },
    lines: [check.folder, `${countOf(good.size, "file")} as written, ${bytesText(bytes)}`],
    notes: foreignNotes(check),
    error: damagedBackup(check),
  };
}

function damagedBackup({ folder, damaged }: Awaited<ReturnType<typeof checkNewest>>): MirrorError | undefined {
  const [first] = damaged;
  if (!first) return undefined;
  const files = countOf(damaged.length, "damaged file");
  return new IntegrityError(`${files} in ${folder}: ${first.path} (${first.reason})`, {
    code: "backup_damaged",
    hint: "make a new backup; the archive or an older backup still has these files",
  });
}

function folderLines({ location, generation, clips, files, bytes, linked, removed }: FolderBackup): string[] {
  const shared = linked > 0 ? `, ${countText(linked)} shared with an older backup` : "";
  return [
    `backed up to ${location}/${generation}: ${countOf(clips, "song")}, ${countOf(files, "file")}, ${bytesText(bytes)}${shared}; everything was read back`,
    ...(removed.length > 0 ? [`removed: ${removed.join(", ")}`] : []),
  ];
}

function damagedHere(files: { path: string; title?: string | null; reason: string }[]): MirrorError | undefined {
  const [first] = files;
  if (!first) return undefined;
  const more = files.length > 1 ? `, and ${countText(files.length - 1)} more` : "";
  const name = first.title ? `"${first.title}" ${first.path}` : first.path;
  return new IntegrityError(`damaged or missing in the archive: ${name} (${first.reason})${more}`, {
    code: "files_damaged",
    hint: "the rest is backed up; `producer-mirror verify` lists all of them, `producer-mirror sync` fetches what upstream has",
  });
}
