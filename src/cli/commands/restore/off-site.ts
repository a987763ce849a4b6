import type { Config } from "../../../config.ts";
import { restoreFromLocation } from "../../../restore/restore-off-site.ts";
import type { RestoreDeps, RestoreOptions, RestoreReport } from "../../../restore/restore.ts";
import type { Context } from "../../command.ts";
import { openOffSite } from "../../options/off-site-option.ts";

export type OffSiteRestoreFlags = { snapshot?: string | undefined; maxDuration?: string | undefined };

/** `restore restic:…|rclone:…`: downloaded to a folder beside the home, then restored like a backup in a folder. */
export async function restoreOffSite(
  context: Context,
  config: Config,
  source: string,
  flags: OffSiteRestoreFlags,
  options: RestoreOptions,
  progress: { onProgress: RestoreDeps["onProgress"]; onFetch: (line: string) => void },
): Promise<RestoreReport> {
  using location = await openOffSite(context, source, flags);
  return await restoreFromLocation(
    location,
    { snapshot: flags.snapshot },
    {
      home: config.home,
      assets: config.assets,
      now: Date.now,
      onProgress: progress.onProgress,
      onFetch: ({ doing, files, totalFiles }) => progress.onFetch(`${doing}  ${files}/${totalFiles} files`),
    },
    options,
  );
}
