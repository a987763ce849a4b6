import { openForReading } from "../../app/archive.ts";
import { CHANGES, type Change } from "../../query/history/change.ts";
import { changes } from "../../query/history/changes.ts";
import { changesSince } from "../../query/history/since.ts";
import { nextGoneCheckAt } from "../../record/schedule.ts";
import { shortTime } from "../../print/views/clip-table.ts";
import type { CliCommand } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import {
  addFormatOptions,
  makeLimitOption,
  readFormat,
  readLimit,
  type FormatOptions,
} from "../options/list-options.ts";
import { countText } from "../../print/output/numbers.ts";
import { printList } from "../../print/views/print-list.ts";
import type { Listing } from "../../print/output/rows.ts";

type Options = FormatOptions & { since?: string; limit?: string };

const LISTING: Listing<Change> = {
  fields: ["change", "kind", "id", "taskId", "title", "at", "certain", "detail"],
  columns: [
    { title: "when", text: ({ at }) => shortTime(at) },
    { title: "change", text: ({ change, certain }) => `${change}${certain ? "" : " ?"}` },
    { title: "kind", text: ({ kind }) => kind },
    { title: "id", text: ({ id }) => id },
    { title: "title", text: ({ title }) => title ?? "", whenNarrow: "shrink" },
    { title: "detail", text: ({ detail }) => detail ?? "", whenNarrow: "shrink" },
  ],
};

const CANNOT_TELL = `
A "?" (certain: false) stands by a file whose misses began before: it may have been gone then already.
Not told, since the archive keeps no date of it: a file that verify lost or found again where it lay, a task that the API knows again, and what changed and changed back.
A version that is poorer than what is here changes nothing: \`producer-mirror history <id>\` has it.`;

/** What changed since a run, a date, or a while ago. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.option(
      "--since <when>",
      "the number of a run, a date, or a length of time such as 7d (default: the last run)",
    );
    addFormatOptions(bare).addOption(makeLimitOption());
    bare.addHelpText("after", CANNOT_TELL);
    addExitCodes(bare, [0, 2, 4, 7, 9]);
    return addExample(bare, "producer-mirror changes --since 7d");
  },

  async run({ config, output }, _args, options) {
    const format = readFormat(options);
    const limit = readLimit(options.limit, format);
    using archive = openForReading(config());
    const since = changesSince(archive.db, options.since, Date.now());
    const all = changes(archive.db, { since: since.at, lookAfterGoneMs: nextGoneCheckAt(0) });
    const rows = limit === 0 ? all : all.slice(-limit);
    const { home } = archive;
    await printList({ output, format, home, rows, listing: LISTING, filter: { limit }, total: () => all.length });
    if (format === "table") output.note(`${counted(all)} since ${since.words}`);
    return 0;
  },
};

function counted(all: Change[]): string {
  const counts = CHANGES.map((name) => [name, all.filter(({ change }) => change === name).length] as const);
  const told = counts.filter(([, count]) => count > 0).map(([name, count]) => `${countText(count)} ${name}`);
  return told.length === 0 ? "nothing" : told.join(", ");
}
