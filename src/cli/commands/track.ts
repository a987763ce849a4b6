import { planTracking, track, type Tracked } from "../../archive/tracking.ts";
import { archiveExists, openForReading } from "../../app/archive.ts";
import { changeArchive, ensureArchive } from "../../app/write-archive.ts";
import type { Config } from "../../config.ts";
import { UsageError } from "../../lib/errors.ts";
import type { KeyCount, PickedIds } from "../../record/ids/collector.ts";
import { checkIds, pickIds } from "../../record/pick-ids.ts";
import type { CliCommand } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import { countOf, countText } from "../../print/output/numbers.ts";
import { readInput } from "../../lib/files/read-input.ts";

type Options = { file?: string[]; json?: boolean; dryRun?: boolean };

/** Adds task ids: from the command line, files or standard input. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument("[ids...]", "task ids; - reads standard input");
    bare.option("--file <files...>", "find task ids in files: JSON, NDJSON, logs, CSV; - reads standard input");
    bare.option("-n, --dry-run", "show what would be added and what would be left alone, by key, and add nothing");
    bare.option("--json", "the counts as one JSON document");
    bare.addHelpText(
      "after",
      "\nIn files, a uuid whose own key names something else (request_id, user, trace ...) or that is in a URL is left alone and counted.",
    );
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
    const { taken, leftAlone, rejected } = picked;
    if (picked.ids.length === 0) {
      const document = { added: 0, alreadyTracked: 0, rejected, taken, leftAlone };
      return { document, error: nothingFound(picked, files) };
    }
    const source = files.length > 0 ? "file" : "command line";
    const counts = options.dryRun ? await plan(settings, picked.ids) : apply(settings, picked.ids, source);
    const report = { ...counts, rejected, taken, leftAlone };
    const lines = [sentence(settings, counts, picked, options.dryRun === true)];
    if (options.dryRun && files.length > 0) lines.push(...samples("found by key", taken));
    if (options.dryRun || leftAlone.length > 0) lines.push(...samples("left alone, by key", leftAlone));
    return {
      document: report,
      lines,
      notes: rejected.map(({ text, reason }) => `ignored: "${text}" is ${reason}`),
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

/** One line a key: how many distinct uuids, and one of them. */
function samples(title: string, keys: KeyCount[]): string[] {
  if (keys.length === 0) return [];
  const shown = keys
    .slice(0, MOST_KEYS)
    .map(({ key, count, sample }) => `  ${key}: ${countText(count)}, such as ${sample}`);
  const more = keys.length - shown.length;
  return [`${title}:`, ...shown, ...(more > 0 ? [`  and ${countOf(more, "more key")}`] : [])];
}

/** Keys that are named to a person; `--json` has them all. */
const MOST_KEYS = 12;

function merge(all: PickedIds[]): PickedIds {
  const ids = [...new Set(all.flatMap((picked) => picked.ids))];
  const seen = all.reduce((sum, picked) => sum + picked.ids.length + picked.repeated, 0);
  return {
    ids,
    repeated: seen - ids.length,
    useless: all.reduce((sum, picked) => sum + picked.useless, 0),
    rejected: all.flatMap((picked) => picked.rejected),
    taken: mergeKeys(all.flatMap(({ taken }) => taken)),
    leftAlone: mergeKeys(all.flatMap(({ leftAlone }) => leftAlone)),
  };
}

function mergeKeys(all: KeyCount[]): KeyCount[] {
  const keys = new Map<string, KeyCount>();
  for (const { key, count, sample } of all)
    keys.set(key, { key, count: count + (keys.get(key)?.count ?? 0), sample: keys.get(key)?.sample ?? sample });
  return [...keys.values()].toSorted((a, b) => b.count - a.count);
}

function nothingFound({ rejected, leftAlone }: PickedIds, files: string[]): UsageError {
  const [first] = rejected;
  const sources = files.map((file) => (file === "-" ? "standard input" : file)).join(", ") || "the arguments";
  const what = first ? `"${first.text}" is ${first.reason}` : `no task id in ${sources}`;
  const others = leftAlone.map(({ key, count }) => `${key} ${countText(count)}`).slice(0, MOST_KEYS);
  return new UsageError(
    others.length > 0 ? `${what}; left alone as ids of something else: ${others.join(", ")}` : what,
    {
      code: "no_ids",
      hint: "a task id is the `task_id` in the API's response to the request for a song",
    },
  );
}

function sentence(
  { home }: Config,
  { added, alreadyTracked }: Tracked,
  { repeated, useless, leftAlone }: PickedIds,
  dryRun: boolean,
): string {
  const also = [
    alreadyTracked > 0 ? `${alreadyTracked} already tracked` : "",
    repeated > 0 ? `${countOf(repeated, "repeat")}` : "",
    leftAlone.length > 0
      ? `${countText(leftAlone.reduce((sum, { count }) => sum + count, 0))} of something else left alone`
      : "",
    useless > 0 ? `${countOf(useless, "line")} without a task id` : "",
  ].filter(Boolean);
  const verb = dryRun ? "would be added" : "added";
  return `${home} · ${countOf(added, "task id")} ${verb}${also.length > 0 ? ` (${also.join(", ")})` : ""}`;
}
