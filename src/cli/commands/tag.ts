import { openForReading } from "../../app/archive.ts";
import { changeArchive } from "../../app/write-archive.ts";
import { changeTags, planTags, type TagChange } from "../../archive/tags.ts";
import type { Config } from "../../config.ts";
import { UsageError } from "../../lib/errors.ts";
import { findClips, type NamedClip } from "../../query/lists/clips-of.ts";
import { listTags, withTags } from "../../query/filter/tags.ts";
import type { CliCommand, Context, Outcome } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import { addFormatOptions, readFormat, type FormatOptions } from "../options/list-options.ts";
import { countOf, countText } from "../../print/output/numbers.ts";
import { printList } from "../../print/views/print-list.ts";
import type { Listing } from "../../print/output/rows.ts";
import { isTag, readChange, readIds } from "../options/tag-words.ts";

type Options = FormatOptions & { list?: boolean; dryRun?: boolean };

/** A user's own tags on clips; no sync changes them. */
export const command: CliCommand<Options> = {
  dashedWords: true,

  define(bare) {
    bare.usage("[options] <ids...> [+tag...] [-tag...]");
    bare.argument(
      "[ids...]",
      "clips, or tasks with all their clips; the first characters of an id are enough; - reads ids from standard input, one a line",
    );
    bare.option("--list", "list every tag with its number of clips");
    bare.option("-n, --dry-run", "show what would change, and change nothing");
    addFormatOptions(bare);
    bare.addHelpText(
      "after",
      "\n+calm adds a tag, -loud removes one. Without either, the tags of the clips are listed. Upper and lower case are the same.\nPut -- before a tag that looks like an option, as in `tag 1dd08826 -- -n`.",
    );
    addExitCodes(bare, [0, 2, 4, 7, 8, 9], { 2: "an id that is unknown or ambiguous; a text that cannot be a tag" });
    return addExample(bare, "producer-mirror tag 1dd08826 +calm -loud");
  },

  async run(context, args, options) {
    const format = readFormat(options);
    const change = readChange(args);
    const isChange = change.added.length + change.removed.length > 0;
    const ids = await readIds(args.filter((word) => !isTag(word)));
    if (options.list && args.length > 0) throw new UsageError("--list takes neither ids nor tags");
    if (!options.list && ids.length === 0)
      throw new UsageError("no id of a clip", {
        code: "no_ids",
        hint: "name clips, or use - for standard input, or --list",
      });
    if (isChange && (format === "csv" || format === "ndjson"))
      throw new UsageError(`--format ${format} is only for lists; a change takes --json`);
    const config = context.config();
    if (isChange) return await apply(config, ids, change, options.dryRun === true);
    await list(context, config, ids, format);
  },
};

async function apply(config: Config, ids: string[], change: TagChange, dryRun: boolean): Promise<Outcome> {
  const report = dryRun
    ? await plan(config, ids, change)
    : changeArchive(config, (archive) => {
        const clips = findClips(archive.db, ids).map(notPurged);
        return { clips: clips.length, ...changeTags(archive, clips, change, Date.now()) };
      });
  return { document: report, lines: [`${config.home} · ${sentence(report, dryRun)}`] };
}

async function plan(config: Config, ids: string[], change: TagChange): Promise<Report> {
  using archive = await openForReading(config);
  const clips = findClips(archive.db, ids).map(notPurged);
  return { clips: clips.length, ...planTags(archive.db, clips, change) };
}

function notPurged({ id, purgedAt }: NamedClip): string {
  if (purgedAt === null) return id;
  throw new UsageError(`${id} was purged: it cannot have tags`, { code: "purged" });
}

type Report = { clips: number; changed: number; added: number; removed: number };

function sentence({ clips, changed, added, removed }: Report, dryRun: boolean): string {
  const counts = `${countOf(added, "tag")} added, ${countText(removed)} removed`;
  return `${countText(changed)} of ${countOf(clips, "song")} ${dryRun ? "would be " : ""}changed: ${counts}`;
}

type Tagged = { id: string; title: string | null; tags: string[] };

const CLIPS: Listing<Tagged> = {
  fields: ["id", "title", "tags"],
  columns: [
    { title: "id", text: ({ id }) => id },
    { title: "title", text: ({ title }) => title ?? "", overflow: "shrink" },
    { title: "tags", text: ({ tags }) => tags.join(", "), overflow: "shrink" },
  ],
};

const TAGS: Listing<{ tag: string; clips: number }> = {
  fields: ["tag", "clips"],
  columns: [
    { title: "tag", text: ({ tag }) => tag },
    { title: "clips", text: ({ clips }) => countText(clips), align: "right" },
  ],
};

/** Prints the tags of these clips; without ids, all tags. */
async function list({ output }: Context, config: Config, ids: string[], format: ReturnType<typeof readFormat>) {
  using archive = await openForReading(config);
  const print = { output, format, home: archive.home, filter: {}, total: () => 0 };
  if (ids.length === 0) return await printList({ ...print, rows: listTags(archive.db), listing: TAGS });
  const clips = findClips(archive.db, ids).map(({ id, title }) => ({ id, title }));
  return await printList({ ...print, rows: withTags(archive.db, clips), listing: CLIPS });
}
