import { openForReading } from "../app.ts";
import type { ClipListing } from "../query/clips.ts";
import { countClips, listClips } from "../query/clips.ts";
import { CLIP_LISTING } from "./clip-listing.ts";
import type { CliCommand } from "./command.ts";
import { example, exitCodes } from "./help.ts";
import { filterOptions, formatOptions, readFilter, readFormat, type ListOptions } from "./list-options.ts";
import { UsageError } from "../lib/errors.ts";
import type { Output } from "./output.ts";
import { printList } from "./print-list.ts";

type Options = ListOptions & { paths?: boolean; removed?: boolean };

/** Lists clips. */
export const command: CliCommand<Options> = {
  define(bare) {
    formatOptions(filterOptions(bare))
      .option("--paths", "only the paths of their stored audio, one a line")
      .option("--removed", "those that were taken out (rm), and only those");
    exitCodes(bare, [0, 2, 4, 7, 9]);
    return example(bare, "producer-mirror clips --since 2026-01 --min-duration 2m --sort title");
  },

  async run({ config, output }, _args, options) {
    const format = readFormat(options);
    if (options.paths && (options.json || options.format))
      throw new UsageError("--paths is a format of its own: leave --format and --json out");
    const filter = { ...readFilter(options, options.paths ? "ndjson" : format), removed: options.removed === true };
    using archive = openForReading(config());
    const rows = listClips(archive.db, filter, archive.assetsRoot);
    if (options.paths) await printPaths(output, rows);
    else {
      const total = () => countClips(archive.db, filter);
      await printList({
        output,
        format,
        home: archive.home,
        rows,
        listing: CLIP_LISTING,
        limit: filter.limit ?? 0,
        total,
      });
    }
    return 0;
  },
};

/** Exact, since other programs open them: `producer-mirror clips --paths | xargs -d '\\n' mpv`. */
async function printPaths(output: Output, rows: ClipListing[]): Promise<void> {
  const paths = rows.flatMap(({ audioPath }) => audioPath ?? []);
  if (paths.length > 0) await output.exact(`${paths.join("\n")}\n`);
  const without = rows.length - paths.length;
  if (without > 0) output.detail(`${without} without stored audio`);
}
