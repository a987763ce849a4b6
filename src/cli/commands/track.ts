import { planTracking, track, type Tracked } from "../../archive/tracking.ts";
import { archiveExists, openForReading } from "../../app/archive.ts";
import { changeArchive, ensureArchive } from "../../app/write-archive.ts";
import type { Config } from "../../config.ts";
import { UsageError } from "../../lib/errors.ts";
import { checkIds, pickIds, type PickedIds } from "../../record/pick-ids.ts";
import type { CliCommand } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import { countOf } from "../../print/output/numbers.ts";
import { readInput } from "../../lib/files/read-input.ts";

type Options = { file?: string[]; json?: boolean; dryRun?: boolean };

/** Adds task ids: from the command line, files or standard input. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument("[ids...]", "task ids; - reads standard input");
    bare.option("--file <files...>", "find task ids in files: JSON, NDJSON, logs, CSV; - reads standard input");
    bare.option("-n, --dry-run", "show what would be added, and add nothing");
    bare.option("--json", "the counts as one JSON document");
    addExitCodes(bare, [0, 2, 7, 8, 9], { 2: "no task id found" });
    return addExample(bare, "producer-mirror track --file ~/my-app.log");
  },

  async run({ config }, args, options) {
    const files = [...(options.file ?? []), ...args.filter((word) => word === "-")];
    const words = args.filter((word) => word !== "-");
    if (files.length + words.length === 0)
      throw new UsageError("nothing to track", { hint: "name task ids, or --file FILE, or - for standard input" });
    const picked = merge([
      checkIds(words),
      ...(await Promise.all(files.map(async (file) => pickIds(await readInput(file))))),
    ]);
    const settings = config();
    if (picked.ids.length === 0) {
      const document = { added: 0, alreadyTracked: 0, rejected: picked.rejected };
      return { document, error: nothingFound(picked, files) };
    }
    const source = files.length > 0 ? "file" : "command line";
    const counts = options.dryRun ? await plan(settings, picked.ids) : apply(settings, picked.ids, source);
    const report = { ...counts, rejected: picked.rejected };
    const lines = [sentence(settings, counts, picked, options.dryRun === true)];
    return {
      document: report,
      lines,
      notes: picked.rejected.map(({ text, reason }) => `ignored: "${text}" is ${reason}`),
    };
  },
};

function apply(config: Config, ids: string[], source: string): Tracked {
  ensureArchive(config);
  return changeArchive(config, (archive) => track(archive, ids, { source, now: Date.now(), explicit: true }));
}

async function plan(config: Config, ids: string[]): Promise<Tracked> {
  if (!archiveExists(config)) return { added: ids.length, alreadyTracked: 0 };
  using archive = await openForReading(config);
  return planTracking(archive.db, ids);
}

function merge(all: PickedIds[]): PickedIds {
  const ids = [...new Set(all.flatMap((picked) => picked.ids))];
  const seen = all.reduce((sum, picked) => sum + picked.ids.length + picked.repeated, 0);
  return {
    ids,
    repeated: seen - ids.length,
    useless: all.reduce((sum, picked) => sum + picked.useless, 0),
    rejected: all.flatMap((picked) => picked.rejected),
  };
}

function nothingFound({ rejected }: PickedIds, files: string[]): UsageError {
  const [first] = rejected;
  const sources = files.map((file) => (file === "-" ? "standard input" : file)).join(", ") || "the arguments";
  const what = first ? `"${first.text}" is ${first.reason}` : `no task id in ${sources}`;
  return new UsageError(what, {
    code: "no_ids",
    hint: "a task id is the `task_id` in the API's response to the request for a song",
  });
}

function sentence(
  { home }: Config,
  { added, alreadyTracked }: Tracked,
  { repeated, useless }: PickedIds,
  dryRun: boolean,
): string {
  const also = [
    alreadyTracked > 0 ? `${alreadyTracked} already tracked` : "",
    repeated > 0 ? `${countOf(repeated, "repeat")}` : "",
    useless > 0 ? `${countOf(useless, "line")} without a task id` : "",
  ].filter(Boolean);
  const verb = dryRun ? "would be added" : "added";
  return `${home} · ${countOf(added, "task id")} ${verb}${also.length > 0 ? ` (${also.join(", ")})` : ""}`;
}
