import { hasCurrentRows, openForChecking } from "../app/archive.ts";
import { renew as renewRows } from "../app/renew.ts";
import { lockArchive, openForRun, type RunArchive, type RunOptions } from "../app/run-archive.ts";
import type { Config } from "../config.ts";
import { DiskError, LockedError } from "../lib/errors.ts";
import { toStorageError } from "../lib/files/storage-errors.ts";
import { countText } from "../print/output/numbers.ts";
import type { Context } from "./command.ts";

/** As openForRun; the rows of an archive that other rules have made are brought up to date first. */
export async function openRun(
  context: Context,
  config: Config,
  command: string,
  options: Pick<RunOptions, "asItIs"> = {},
): Promise<RunArchive> {
  return openForRun(config, command, { ...options, renew: () => renew(context, config) });
}

/** The same for a command that takes no lock: nothing happens while another holds it, or where nothing can be written. */
export async function renewIfFree(context: Context, config: Config, command: string): Promise<void> {
  if (await isCurrent(config)) return;
  try {
    using _lock = lockArchive(config, command);
    await renew(context, config);
  } catch (error) {
    const known = toStorageError(error);
    if (!(known instanceof LockedError || known instanceof DiskError)) throw error;
  }
}

async function isCurrent(config: Config): Promise<boolean> {
  using archive = await openForChecking(config);
  return hasCurrentRows(archive);
}

async function renew({ output, signal }: Context, { home }: Config): Promise<void> {
  let lines = 0;
  using _line = output.progress(() => `lines ${countText(lines)}`);
  await renewRows({ home, signal, note: (line) => output.note(line), onLine: (done) => (lines = done) });
}
