import type { Command } from "commander";
import { readEnvironment } from "../../config.ts";
import { openLocation } from "../../backup/off-site/open-location.ts";
import { parseLocation, type OpenLocation } from "../../backup/off-site/location.ts";
import type { TransferProgress } from "../../backup/off-site/upload-types.ts";
import { EXIT, MirrorError } from "../../lib/errors.ts";
import { parseDuration } from "../../lib/time/durations.ts";
import type { Context } from "../command.ts";
import { bytesText, countText } from "../../print/output/numbers.ts";

/** Opens a restic repository or rclone remote that the command line names. */
export async function openOffSite(
  { signal, output }: Context,
  text: string,
  { init, maxDuration }: { init?: boolean | undefined; maxDuration?: string | undefined },
): Promise<OpenLocation & Disposable> {
  const { env, cwd } = readEnvironment();
  const named = parseLocation(text, cwd());
  const bound = limitTime(signal, maxDuration);
  try {
    const location = await openLocation(named, { env, signal: bound.signal }, init);
    output.detail(`${location.program.version}, ${location.program.path}`);
    return { ...location, [Symbol.dispose]: bound[Symbol.dispose] };
  } catch (error) {
    bound[Symbol.dispose]();
    throw error;
  }
}

/** Adds the flag that limits the time of an upload or download. */
export function addOffSiteDuration(command: Command): Command {
  return command.option("--max-duration <time>", "with restic or rclone: stop after this long, such as 2h");
}

/** Shows the progress of an upload until the result is disposed of. */
export function showOffSiteProgress({
  output,
}: Context): { onProgress(progress: TransferProgress): void } & Disposable {
  let seen: TransferProgress = { doing: "reading the location", files: 0, totalFiles: 0, bytes: 0, totalBytes: 0 };
  const line = output.progress(() => render(seen));
  return { onProgress: (progress) => void (seen = progress), [Symbol.dispose]: () => line[Symbol.dispose]() };
}

function render({ doing, files, totalFiles, bytes, totalBytes }: TransferProgress): string {
  const counts = totalFiles > 0 ? `  ${countText(files)}/${countText(totalFiles)} files` : "";
  const size = totalBytes > 0 ? `  ${bytesText(bytes)} of ${bytesText(totalBytes)}` : "";
  return `${doing}${counts}${size}`;
}

function limitTime(signal: AbortSignal, maxDuration: string | undefined): { signal: AbortSignal } & Disposable {
  if (maxDuration === undefined) return { signal, [Symbol.dispose]: () => {} };
  const ms = parseDuration(maxDuration, "--max-duration") * 1000;
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(timeUp(maxDuration)), Math.min(ms, 2 ** 31 - 1));
  return {
    signal: AbortSignal.any([signal, controller.signal]),
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}

function timeUp(maxDuration: string): MirrorError {
  return new MirrorError("out_of_time", EXIT.incomplete, `stopped after ${maxDuration} (--max-duration)`, {
    hint: "run it again: what was uploaded is not sent twice",
  });
}
