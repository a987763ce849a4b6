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
    { title: "title", text: ({ title }) => title ?? "", overflow: "shrink" },
    { title: "detail", text: ({ detail }) => detail ?? "", overflow: "shrink" },
  ],
};

const LIMITS = `
A "?" (certain: false) marks a file that upstream may have removed earlier: its first failed fetches are older.
Some changes have no date in the archive and are not listed: a file that verify missed or found again, a task that the API knows again, and a value that changed and changed back.
A new version with less content than the archive has changes nothing. \`producer-mirror history <id>\` shows it.`;

/** What changed since a run, a date, or a while ago. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.option("--since <when>", "a run's number, a date, or a period such as 7d (default: the last run)");
    addFormatOptions(bare).addOption(makeLimitOption());
    bare.addHelpText("after", LIMITS);
    addExitCodes(bare, [0, 2, 4, 7, 9]);
    return addExample(bare, "producer-mirror changes --since 7d");
  },

  async run({ config, output }, _args, options) {
    const format = readFormat(options);
    const limit = readLimit(options.limit, format);
    using archive = await openForReading(config());
    const since = changesSince(archive.db, options.since, Date.now());
    const all = changes(archive.db, { since: since.at, goneCheckIntervalMs: nextGoneCheckAt(0) });
    const rows = limit === 0 ? all : all.slice(-limit);
    const { home } = archive;
    await printList({ output, format, home, rows, listing: LISTING, filter: { limit }, total: () => all.length });
    if (format === "table") output.note(`${countChanges(all)} since ${since.words}`);
  },
};

function countChanges(all: Change[]): string {
  const counts = CHANGES.map((name) => [name, all.filter(({ change }) => change === name).length] as const);
  const parts = counts.filter(([, count]) => count > 0).map(([name, count]) => `${countText(count)} ${name}`);
  return parts.length === 0 ? "nothing" : parts.join(", ");
}
