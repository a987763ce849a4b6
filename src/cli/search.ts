import { openForReading } from "../app.ts";
import { countHits, searchClips, type SearchHit } from "../query/search.ts";
import { CLIP_LISTING } from "./clip-listing.ts";
import type { CliCommand } from "./command.ts";
import { example, exitCodes } from "./help.ts";
import { formatOptions, limitOption, readFormat, readLimit, type FormatOptions } from "./list-options.ts";
import { printList } from "./print-list.ts";
import type { Listing } from "./rows.ts";

type Options = FormatOptions & { limit?: string };

/** Characters of an id in a table: enough for `show`, and the line is left to what was found. */
const SHORT_ID = 8;

const LISTING: Listing<SearchHit> = {
  fields: [...CLIP_LISTING.fields, "snippet"],
  columns: [
    { title: "id", text: ({ id }) => id.slice(0, SHORT_ID) },
    ...CLIP_LISTING.columns.slice(1, 4),
    { title: "found", text: ({ snippet }) => snippet.replaceAll(/\s+/g, " ").trim(), narrow: "shrink" },
  ],
};

/** Full text over title, lyric, prompt and sound. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument("<words...>", 'words, "a phrase", begin*, title:word, OR, NOT word or -word');
    formatOptions(bare).addOption(limitOption()).allowUnknownOption();
    bare.addHelpText(
      "after",
      "\nFields: title, lyric, prompt, sound. Text that does not parse is taken as plain words.",
    );
    exitCodes(bare, [0, 2, 4, 7, 9]);
    return example(bare, `producer-mirror search 'title:rain OR "sunrise over" -winter'`);
  },

  async run({ config, output }, words, options) {
    const format = readFormat(options);
    const limit = readLimit(options.limit, format);
    for (const word of words)
      if (/^--./.test(word)) output.talk(`${word} is no option here: it is looked for as a word`);
    const text = words.join(" ");
    using archive = openForReading(config());
    const rows = searchClips(archive.db, text, limit, archive.assetsRoot);
    const total = () => countHits(archive.db, text);
    await printList({ output, format, home: archive.home, rows, listing: LISTING, limit, total });
    return 0;
  },
};
