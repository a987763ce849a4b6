import type { Config } from "../../../config.ts";
import { storeOf } from "../../../app/archive-files.ts";
import { openForWriting } from "../../../app/write-archive.ts";
import { backupToLocation, type OffSiteBackup } from "../../../backup/off-site/backup-off-site.ts";
import { refuseMissingFiles } from "../../../backup/refuse-missing-files.ts";
import { IntegrityError, type MirrorError } from "../../../lib/errors.ts";
import { packageVersion } from "../../../lib/package-root.ts";
import type { Context, Outcome } from "../../command.ts";
import { interruptedError } from "../../../print/output/interrupted.ts";
import { bytesText, countOf, countText } from "../../../print/output/numbers.ts";
import { openOffSite, showOffSiteProgress } from "../../options/off-site-option.ts";

export type OffSiteBackupFlags = {
  to: string;
  init?: boolean | undefined;
  maxDuration?: string | undefined;
  dryRun?: boolean | undefined;
};

/** `backup --to restic:…|rclone:…`: makes one backup. */
export async function backupOffSite(context: Context, config: Config, flags: OffSiteBackupFlags): Promise<Outcome> {
  if (flags.dryRun) return tryLocation(context, config, flags);
  const backup = await backUp(context, config, flags).catch((error: unknown) => {
    throw error === context.signal.reason ? notFinished(context.signal) : error;
  });
  const { location, name: snapshot, clips, files, bytes, readBack, lacking } = backup;
  return {
    document: { home: config.home, location, snapshot, clips, files, bytes, readBack, lacking },
    lines: [config.home, ...reportLines(backup)],
    error: incompleteError(backup),
  };
}

function notFinished(signal: AbortSignal): MirrorError {
  const hint = "run it again: what was uploaded is not sent twice";
  return interruptedError(signal, "interrupted: this backup does not count", hint);
}

async function backUp(context: Context, config: Config, flags: OffSiteBackupFlags): Promise<OffSiteBackup> {
  using archive = openForWriting(config);
  using progress = showOffSiteProgress(context);
  using location = await openOffSite(context, flags.to, flags);
  return await backupToLocation({
    home: config.home,
    db: archive.db,
    store: storeOf(config, archive),
    location,
    version: packageVersion(),
    now: Date.now,
    onProgress: progress.onProgress,
  });
}

/** Checks that a backup could be made: nothing is sent. */
async function tryLocation(
  context: Context,
  config: Config,
  { to, maxDuration }: OffSiteBackupFlags,
): Promise<Outcome> {
  using archive = openForWriting(config);
  using opened = await openOffSite(context, to, { maxDuration });
  await refuseMissingFiles(archive.db, storeOf(config, archive));
  const { name: location } = opened;
  return {
    document: { home: config.home, location },
    lines: [config.home, `${location} can be used; nothing was sent`],
  };
}

function reportLines({ location, name, clips, files, bytes, readBack, lacking }: OffSiteBackup): string[] {
  const known = files - readBack;
  const proof =
    known === 0
      ? "each read back"
      : `${countText(readBack)} read back now, ${countText(known)} when they were uploaded`;
  return [
    `${location} · snapshot ${name}`,
    `${countOf(clips, "clip")}, ${countOf(files, "file")}, ${bytesText(bytes)} stored: ${proof}`,
    ...lacking.map(({ path, kind, clipId, taskId, title, reason }) => {
      return `missing in the backup: ${kind} of ${title ? `"${title}" ` : ""}${clipId ?? taskId} · ${path} (${reason})`;
    }),
  ];
}

function incompleteError({ lacking }: OffSiteBackup): MirrorError | undefined {
  if (lacking.length === 0) return undefined;
  return new IntegrityError(`${countOf(lacking.length, "file")} missing in the backup: ${lacking[0]?.path}`, {
    code: "backup_incomplete",
    hint: "`producer-mirror verify --full --repair` repairs the files of the archive; then run the backup again",
  });
}
