import { openForReading } from "../../../app/archive.ts";
import { UsageError } from "../../../lib/errors.ts";
import { countHits, pageOfHits, type SearchHit } from "../../../query/search/search.ts";
import { CLIP_FIELDS, SONG_COLUMNS } from "../../../print/views/clip-table.ts";
import type { CliCommand } from "../../command.ts";
import { addExample, addExitCodes } from "../../options/help.ts";
import {
  addFormatOptions,
  addOrderOptions,
  addPageOptions,
  makePathsOption,
  readFields,
  readListFilter,
  readFormat,
  refuseOtherFormats,
  type ListOptions,
} from "../../options/list-options.ts";
import { addFilterOptionsWithoutText } from "../../options/filter-options.ts";
import { printPaths } from "../../../print/views/print-paths.ts";
import { printList, printNextCursor } from "../../../print/views/print-list.ts";
import type { Listing } from "../../../print/output/rows.ts";

type Options = ListOptions & { paths?: boolean; rebuildIndex?: boolean };

/** Characters of an id in a table: enough for `show`, so that most of the line shows the match. */
const SHORT_ID = 8;

const LISTING: Listing<SearchHit> = {
  fields: [...CLIP_FIELDS, "snippet"],
  columns: [
    { title: "id", text: ({ id }) => id.slice(0, SHORT_ID) },
    ...SONG_COLUMNS,
    { title: "found", text: foundIn, overflow: "shrink", focus: "«" },
  ],
};

/** Characters of a lyric that are more than any column shows. */
const BEGINNING = 200;

/** The match; where only the title matches, which is beside it, the beginning of the lyric. */
function foundIn({ snippet, title, lyric, prompt }: SearchHit): string {
  const isTitle = snippet.replaceAll(/[«»…]/g, "") === (title ?? "").replaceAll(/[«»…]/g, "");
  const shown = isTitle ? (lyric || prompt || "").slice(0, BEGINNING) : snippet;
  return shown.replaceAll(/\s+/g, " ").trim();
}

/** Full text over title, lyric, prompt and sound. */
export const command: CliCommand<Options> = {
  dashedWords: true,
  define(bare) {
    bare.argument("[words...]", 'words, "a phrase", begin*, title:word, OR, NOT word or -word');
    addFormatOptions(addPageOptions(addOrderOptions(addFilterOptionsWithoutText(bare), "best match first")));
    bare.addOption(makePathsOption());
    bare.option("--rebuild-index", "without words: build the full-text index again from the clips");
    bare.addHelpText(
      "after",
      "\nFields: title, lyric, prompt, sound. A query that cannot be parsed is searched as plain words. Put -- before a word that begins with two dashes.",
    );
    addExitCodes(bare, [0, 2, 4, 7, 8, 9, 130, 143]);
    return addExample(bare, `producer-mirror search 'title:rain OR "sunrise over" -winter'`);
  },

  async run(context, words, options) {
    if (options.rebuildIndex) return await (await import("./rebuild-index.ts")).runRebuildIndex(context, words);
    if (words.length === 0) throw new UsageError("search takes words", { hint: "producer-mirror search rain -winter" });
    const { config, output } = context;
    const format = readFormat(options);
    refuseOtherFormats(options);
    const fields = readFields(options.fields, LISTING.fields);
    const filter = readListFilter(options, options.paths ? "ndjson" : format);
    const text = words.join(" ");
    using archive = await openForReading(config());
    const page = pageOfHits(archive.db, text, filter, archive.assetsRoot);
    const total = () => countHits(archive.db, text, filter);
    if (options.paths) await printPaths(output, page.rows);
    else await printList({ ...page, output, format, home: archive.home, listing: LISTING, fields, filter, total });
    printNextCursor(output, page, options);
  },
};
