import { hasCurrentRows, openForChecking } from "../app/archive.ts";
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

/** A run goes on with the rows as they are when they cannot be made again. */
async function renew({ output, signal }: Context, { home }: Config): Promise<void> {
  const { renewRows } = await import("../restore/rebuild/renew-rows.ts");
  output.note("the rows were made by other rules than this version's: bringing them up to date from the journal");
  let lines = 0;
  using _line = output.progress(() => `lines ${countText(lines)}`);
  const why = await renewRows({ home, signal, onLine: (done) => (lines = done) });
  if (why !== null) output.note(`the rows stay as they are: ${why}; \`producer-mirror rebuild\` makes them again`);
}
