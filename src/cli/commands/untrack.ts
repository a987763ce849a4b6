import { openForReading } from "../../app/archive.ts";
import { changeArchive } from "../../app/write-archive.ts";
import { isTracked, untrack } from "../../archive/tracking.ts";
import { UsageError } from "../../lib/errors.ts";
import { checkIds } from "../../record/pick-ids.ts";
import type { CliCommand } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import { countOf } from "../../print/output/numbers.ts";

type Options = { json?: boolean; dryRun?: boolean };

/** Stops requesting tasks; what is mirrored stays. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument("<ids...>", "task ids");
    bare.option("-n, --dry-run", "show what would be untracked, and change nothing");
    bare.option("--json", "the counts as one JSON document");
    addExitCodes(bare, [0, 2, 7, 8, 9], { 2: "an id that is not tracked" });
    return addExample(bare, "producer-mirror untrack 1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad");
  },

  async run({ config }, args, options) {
    const { ids, rejected } = checkIds(args);
    if (rejected[0]) throw new UsageError(`"${rejected[0].text}" is ${rejected[0].reason}`);
    const settings = config();
    const { untracked, unknown } = options.dryRun ? await plan(settings, ids) : apply(settings, ids);
    const verb = options.dryRun ? "would be untracked" : "untracked";
    return {
      document: { untracked, unknown },
      lines:
        untracked > 0 ? [`${settings.home} · ${countOf(untracked, "task id")} ${verb}; what is mirrored stays`] : [],
      error: unknown.length > 0 ? notTracked(unknown) : undefined,
    };
  },
};

function notTracked(ids: string[]): UsageError {
  return new UsageError(`not tracked: ${ids.join(", ")}`, { code: "not_tracked" });
}

function apply(config: Parameters<typeof openForReading>[0], ids: string[]) {
  return changeArchive(config, (archive) => untrack(archive, ids, Date.now()));
}

async function plan(config: Parameters<typeof openForReading>[0], ids: string[]) {
  using archive = await openForReading(config);
  const active = ids.filter((id) => isTracked(archive.db, id));
  return { untracked: active.length, unknown: ids.filter((id) => !active.includes(id)) };
}
