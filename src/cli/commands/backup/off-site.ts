import type { Config } from "../../../config.ts";
import { openForWriting, storeOf } from "../../../app/archive.ts";
import { backupToLocation, type OffSiteBackup } from "../../../backup/off-site/backup-off-site.ts";
import { refuseMissingFiles } from "../../../backup/refuse-missing-files.ts";
import { EXIT, IntegrityError, type MirrorError } from "../../../lib/errors.ts";
import { packageVersion } from "../../../lib/package-root.ts";
import type { Context } from "../../command.ts";
import { interruptedError } from "../../../print/output/interrupted.ts";
import { bytesText, countOf, countText } from "../../../print/output/numbers.ts";
import { openOffSite, showOffSiteProgress } from "../../options/off-site-option.ts";

export type OffSiteBackupFlags = {
  to: string;
  init?: boolean | undefined;
  maxDuration?: string | undefined;
  dryRun?: boolean | undefined;
  json?: boolean | undefined;
};

/** `backup --to restic:…|rclone:…`: one backup, its report, the exit code. */
export async function backupOffSite(context: Context, config: Config, flags: OffSiteBackupFlags): Promise<number> {
  const { output, signal } = context;
  if (flags.dryRun) return tryLocation(context, config, flags);
  try {
    const backup = await backUp(context, config, flags);
    const trouble = troubleOf(backup);
    const { location, name: snapshot, clips, files, bytes, readBack, lacking } = backup;
    const json = { home: config.home, location, snapshot, clips, files, bytes, readBack, lacking };
    if (flags.json && trouble) await output.error(trouble, json);
    else if (flags.json) await output.json(json);
    else for (const line of [config.home, ...linesOf(backup)]) output.print(line);
    await output.flush();
    if (trouble && !flags.json) await output.error(trouble);
    return trouble?.exit ?? EXIT.ok;
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    const stopped = interruptedError(
      signal,
      "interrupted: this backup does not count",
      "run it again: what is at the place already is not sent twice",
    );
    await output.error(stopped);
    return stopped.exit;
  }
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

async function tryLocation(
  context: Context,
  config: Config,
  { to, maxDuration, json }: OffSiteBackupFlags,
): Promise<number> {
  const { output } = context;
  using archive = openForWriting(config);
  using opened = await openOffSite(context, to, { maxDuration });
  await refuseMissingFiles(archive.db, storeOf(config, archive));
  const { name: location } = opened;
  if (json) await output.json({ dryRun: true, home: config.home, location });
  else output.print(`${config.home}\n${location} can be used; nothing was sent`);
  return EXIT.ok;
}

function linesOf({ location, name, clips, files, bytes, readBack, lacking }: OffSiteBackup): string[] {
  const known = files - readBack;
  const proof =
    known === 0 ? "each read back" : `${countText(readBack)} read back now, ${countText(known)} by an earlier backup`;
  return [
    `${location} · snapshot ${name}`,
    `${countOf(clips, "clip")}, ${countOf(files, "file")}, ${bytesText(bytes)} there: ${proof}`,
    ...lacking.map(({ path, kind, clipId, taskId, title, reason }) => {
      return `lacking: ${kind} of ${title ? `"${title}" ` : ""}${clipId ?? taskId} · ${path} (${reason})`;
    }),
  ];
}

function troubleOf({ lacking }: OffSiteBackup): MirrorError | undefined {
  if (lacking.length === 0) return undefined;
  return new IntegrityError(`${countOf(lacking.length, "file")} not in the backup as stored: ${lacking[0]?.path}`, {
    code: "backup_incomplete",
    hint: "`producer-mirror verify --full --repair` brings back what is damaged here; then back up again",
  });
}
