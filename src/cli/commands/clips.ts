import { openForReading } from "../../app/archive.ts";
import type { ClipListing } from "../../query/lists/clips.ts";
import { pageOfClips } from "../../query/lists/clips.ts";
import { countClips } from "../../query/lists/count-clips.ts";
import { CLIP_LISTING } from "../../print/views/clip-table.ts";
import type { CliCommand } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import {
  addListOptions,
  addFormatOptions,
  addPageOptions,
  readFields,
  readListFilter,
  readFormat,
  type ListOptions,
} from "../options/list-options.ts";
import { UsageError } from "../../lib/errors.ts";
import { countText } from "../../print/output/numbers.ts";
import type { Output } from "../../print/output/output.ts";
import { printList, printNextCursor } from "../../print/views/print-list.ts";

type Options = ListOptions & { paths?: boolean; removed?: boolean };

/** Lists clips. */
export const command: CliCommand<Options> = {
  define(bare) {
    addFormatOptions(addPageOptions(addListOptions(bare)))
      .option("--paths", "print only the paths of their audio files, one a line")
      .option("--removed", "list only clips that were removed with rm");
    addExitCodes(bare, [0, 2, 4, 7, 9]);
    return addExample(bare, "producer-mirror clips --since 2026-01 --min-duration 2m --sort title");
  },

  async run({ config, output }, _args, options) {
    const format = readFormat(options);
    if (options.paths && (options.json || options.format || options.fields !== undefined))
      throw new UsageError("--paths is a format of its own: leave --format, --json and --fields out");
    const fields = readFields(options.fields, CLIP_LISTING.fields);
    const filter = { ...readListFilter(options, options.paths ? "ndjson" : format), removed: options.removed === true };
    using archive = await openForReading(config());
    const page = pageOfClips(archive.db, filter, archive.assetsRoot);
    const total = () => countClips(archive.db, filter);
    if (options.paths) await printPaths(output, page.rows);
    else await printList({ ...page, output, format, home: archive.home, listing: CLIP_LISTING, fields, filter, total });
    printNextCursor(output, page, options);
  },
};

/** Exact, since other programs open them: `producer-mirror clips --paths | xargs -d '\\n' mpv`. */
async function printPaths(output: Output, rows: Iterable<ClipListing>): Promise<void> {
  let [lines, without] = ["", 0];
  for (const { audioPath } of rows) {
    if (audioPath === null) without++;
    else lines += `${audioPath}\n`;
    if (lines.length < 16_384) continue;
    await output.printExactly(lines);
    lines = "";
    if (output.readerGone.aborted) return;
  }
  if (lines) await output.printExactly(lines);
  if (without > 0) output.detail(`${countText(without)} without stored audio`);
}
