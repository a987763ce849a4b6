import { openForReading } from "../../app/archive.ts";
import { Option } from "commander";
import { UsageError } from "../../lib/errors.ts";
import { isTimeZone } from "../../lib/time/time-zone.ts";
import { statistics } from "../../query/stats/statistics.ts";
import { BREAKDOWNS, breakdown, totals, type Breakdown } from "../../query/stats/breakdown.ts";
import type { CliCommand } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import { addFormatOptions, readFormat, type FormatOptions } from "../options/list-options.ts";
import { readFilter, type FilterWords } from "../../query/filter/read-filter.ts";
import { addFilterOptions } from "../options/filter-options.ts";
import { printGroups, printStats } from "../../print/views/stats.ts";

type Options = FormatOptions &
  FilterWords & { by?: Breakdown; timezone?: string; storage?: boolean; repeats?: boolean };

/** Rows shown of each kind of repeats. */
const REPEATS = 20;

/** Totals, breakdowns, and how things went over time. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.addOption(
      new Option("--by <what>", "only this breakdown, with the number and size of files").choices(BREAKDOWNS),
    );
    bare.option("--storage", "also the files stored in each month; reads every row of the table assets");
    bare.option(
      "--repeats",
      "also seeds and prompts that were used again, and songs with identical audio; reads every row",
    );
    bare.option("--timezone <name>", "time zone of days and hours, such as Europe/Berlin (default UTC)");
    addFormatOptions(addFilterOptions(bare));
    bare.addHelpText("after", "\nRemoved songs are not counted. CSV and NDJSON have the breakdowns only.");
    addExitCodes(bare, [0, 2, 4, 7, 9]);
    return addExample(bare, "producer-mirror stats --by month --timezone Europe/Berlin");
  },

  async run({ config, output }, _args, options) {
    const format = readFormat(options);
    const filter = readFilter(options);
    const timezone = readZone(options.timezone ?? "UTC");
    using archive = await openForReading(config());
    const { db, home } = archive;
    if (options.by) {
      const all = {
        timezone,
        totals: totals(db, filter),
        by: { [options.by]: breakdown(db, options.by, filter, timezone) },
      };
      if (format === "json") await output.json(all);
      else await printGroups(output, format, home, all);
    } else {
      const { storage = false } = options;
      const all = statistics(db, {
        filter,
        timezone,
        storageMonths: storage,
        ...(options.repeats && { repeats: REPEATS }),
      });
      if (format === "json") await output.json(all);
      else if (format === "table") await printStats(output, home, all);
      else await printGroups(output, format, home, all);
    }
  },
};

function readZone(name: string): string {
  if (isTimeZone(name)) return name;
  throw new UsageError(`--timezone is "${name}"; it takes a name such as Europe/Berlin, or UTC`);
}
