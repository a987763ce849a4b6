import { openForReading } from "../../app/archive.ts";
import { changeArchive } from "../../app/write-archive.ts";
import { isTracked, neverAnswered, untrack } from "../../archive/tracking.ts";
import { UsageError } from "../../lib/errors.ts";
import { findTaskId } from "../../query/find-id.ts";
import { pickIds } from "../../record/pick-ids.ts";
import type { CliCommand } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import { countOf, countText } from "../../print/output/numbers.ts";
import { readInput } from "../../lib/files/read-input.ts";

type Options = { json?: boolean; dryRun?: boolean; missing?: boolean };

/** Stops requesting tasks; what is mirrored stays. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument("[ids...]", "task ids, or their beginnings; - finds whole ids in standard input, as track does");
    bare.option("--missing", "all ids that the API was asked for and never answered for");
    bare.option("-n, --dry-run", "show what would be untracked, and change nothing");
    bare.option("--json", "the counts as one JSON document");
    addExitCodes(bare, [0, 2, 7, 8, 9], { 2: "an id that is not tracked" });
    return addExample(bare, "producer-mirror untrack --missing --dry-run");
  },

  async run({ config }, args, options) {
    if (options.missing && args.length > 0) throw new UsageError("--missing takes no ids");
    if (!options.missing && args.length === 0)
      throw new UsageError("nothing to untrack", { hint: "name task ids, or - for standard input, or --missing" });
    const named = options.missing ? undefined : await readIds(args);
    const settings = config();
    const { ids, untracked, unknown } = options.dryRun ? await plan(settings, named) : apply(settings, named);
    const verb = options.dryRun ? "would be untracked" : "untracked";
    const lines =
      untracked > 0 || options.missing
        ? [`${settings.home} · ${countOf(untracked, "task id")} ${verb}; what is mirrored stays`]
        : [];
    if (options.dryRun && options.missing) lines.push(...shown(ids));
    return {
      document: { untracked, unknown, ...(options.missing ? { ids } : {}) },
      lines,
      error: unknown.length > 0 ? notTracked(unknown) : undefined,
    };
  },
};

/** The words as they are, and for `-` the ids in standard input. */
async function readIds(args: string[]): Promise<string[]> {
  const words = args.filter((word) => word !== "-");
  if (!args.includes("-")) return words;
  const picked = pickIds(await readInput("-"));
  if (picked.ids.length + words.length === 0)
    throw new UsageError("no task id in standard input", {
      code: "no_ids",
      hint: "ids under keys of something else are left alone here too: give them alone, one a line",
    });
  return [...words, ...picked.ids];
}

/** Ids that are named before something is done to them. */
const MOST_SHOWN = 20;

function shown(ids: string[]): string[] {
  const more = ids.length - MOST_SHOWN;
  return [...ids.slice(0, MOST_SHOWN), ...(more > 0 ? [`and ${countText(more)} more (--json names them all)`] : [])];
}

function notTracked(ids: string[]): UsageError {
  const more = ids.length - MOST_SHOWN;
  const rest = more > 0 ? ` and ${countText(more)} more` : "";
  return new UsageError(`not tracked: ${ids.slice(0, MOST_SHOWN).join(", ")}${rest}`, { code: "not_tracked" });
}

type Untracked = { ids: string[]; untracked: number; unknown: string[] };

/** Without words, those that the API never answered for. Throws UsageError for a beginning that is none, or of several. */
function idsOf(db: Parameters<typeof neverAnswered>[0], named: string[] | undefined): string[] {
  return named === undefined ? neverAnswered(db) : [...new Set(named.map((word) => findTaskId(db, word)))];
}

function apply(config: Parameters<typeof openForReading>[0], named: string[] | undefined): Untracked {
  return changeArchive(config, (archive) => {
    const ids = idsOf(archive.db, named);
    return { ids, ...untrack(archive, ids, Date.now()) };
  });
}

async function plan(config: Parameters<typeof openForReading>[0], named: string[] | undefined): Promise<Untracked> {
  using archive = await openForReading(config);
  const ids = idsOf(archive.db, named);
  const active = new Set(ids.filter((id) => isTracked(archive.db, id)));
  return { ids, untracked: active.size, unknown: ids.filter((id) => !active.has(id)) };
}
