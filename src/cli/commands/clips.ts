import { openForReading } from "../../app/archive.ts";
import { pageOfClips } from "../../query/lists/clips.ts";
import { pageOfStacks } from "../../query/lists/stacks.ts";
import { shortId } from "../../query/short-id.ts";
import { countClips } from "../../query/lists/count-clips.ts";
import { CLIP_FIELDS, clipListing } from "../../print/views/clip-table.ts";
import type { CliCommand } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import {
  addListOptions,
  addFormatOptions,
  addPageOptions,
  makePathsOption,
  readFields,
  readListFilter,
  readFormat,
  refuseOtherFormats,
  type ListOptions,
} from "../options/list-options.ts";
import { printPaths } from "../../print/views/print-paths.ts";
import { printList, printNextCursor } from "../../print/views/print-list.ts";

type Options = ListOptions & { paths?: boolean; removed?: boolean; stacked?: boolean };

/** Lists clips. */
export const command: CliCommand<Options> = {
  define(bare) {
    addFormatOptions(addPageOptions(addListOptions(bare)))
      .addOption(makePathsOption())
      .option("--stacked", "takes together: of songs whose requests differ only in the seed the best rated one")
      .option("--removed", "list only clips that were removed with rm");
    addExitCodes(bare, [0, 2, 4, 7, 9]);
    return addExample(bare, "producer-mirror clips --since 2026-01 --min-duration 2m --sort title");
  },

  async run({ config, output }, _args, options) {
    const format = readFormat(options);
    refuseOtherFormats(options);
    const fields = readFields(options.fields, options.stacked ? [...CLIP_FIELDS, "stack"] : CLIP_FIELDS);
    const filter = { ...readListFilter(options, options.paths ? "ndjson" : format), removed: options.removed === true };
    using archive = await openForReading(config());
    const stacks = options.stacked ? pageOfStacks(archive.db, filter, archive.assetsRoot) : undefined;
    const page = stacks ?? pageOfClips(archive.db, filter, archive.assetsRoot);
    const total = () => stacks?.total ?? countClips(archive.db, filter);
    const listing = clipListing((id) => shortId(archive.db, id), { stacked: stacks !== undefined });
    if (options.paths) await printPaths(output, page.rows);
    else await printList({ ...page, output, format, home: archive.home, listing, fields, filter, total });
    printNextCursor(output, page, options);
  },
};
