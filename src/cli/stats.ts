import { openForReading } from "../app.ts";
import { Option } from "commander";
import { BREAKDOWNS, breakdown, totals, type Breakdown, type Group, type Totals } from "../query/stats.ts";
import type { CliCommand } from "./command.ts";
import { example, exitCodes } from "./help.ts";
import { formatOptions, readFormat, type FormatOptions } from "./list-options.ts";
import { bytesText, countOf, countText, playingTime } from "./numbers.ts";
import type { Format, Listing } from "./rows.ts";
import type { Output } from "./output.ts";

type Options = FormatOptions & { by?: Breakdown };
type Row = Group & { by: Breakdown };

/** Without `--by`; days are many, so they are shown when asked for. */
const USUAL: Breakdown[] = ["model", "action", "state", "month"];

/** Totals and breakdowns. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.addOption(new Option("--by <what>", "one breakdown only").choices(BREAKDOWNS));
    formatOptions(bare);
    exitCodes(bare, [0, 2, 4, 7, 9]);
    return example(bare, "producer-mirror stats --by month");
  },

  async run({ config, output }, _args, options) {
    const format = readFormat(options);
    using archive = openForReading(config());
    const chosen = options.by ? [options.by] : USUAL;
    const all = totals(archive.db);
    const groups = chosen.map((by) => ({ by, groups: breakdown(archive.db, by) }));
    if (format === "json") {
      await output.json({ totals: all, by: Object.fromEntries(groups.map((one) => [one.by, one.groups])) });
      return 0;
    }
    if (format === "table") report(output, archive.home, all);
    await printGroups(output, format, groups);
    await output.written();
    return 0;
  },
};

function report(output: Output, home: string, all: Totals): void {
  const { firstCreatedAt: first, lastCreatedAt: last } = all;
  output.data(home);
  output.data(
    `${countOf(all.tasks, "task")} · ${countOf(all.clips, "clip")} · ${playingTime(all.minutes * 60)} of music · ${countOf(all.files, "file")}, ${bytesText(all.bytes)}`,
  );
  if (first && last) output.data(`created ${first} to ${last}`);
}

async function printGroups(
  output: Output,
  format: Format,
  groups: { by: Breakdown; groups: Group[] }[],
): Promise<void> {
  if (format !== "table") {
    const rows = groups.flatMap(({ by, groups: own }) => own.map((group): Row => ({ by, ...group })));
    return output.rows(format, rows, listing("group"));
  }
  for (const { by, groups: own } of groups) {
    if (own.length === 0) continue;
    output.data("");
    await output.rows(
      format,
      own.map((group): Row => ({ by, ...group })),
      listing(by),
    );
  }
}

function listing(title: string): Listing<Row> {
  return {
    fields: ["by", "key", "clips", "minutes", "files", "bytes"],
    columns: [
      { title, text: ({ key }) => key ?? "unknown", narrow: "shrink" },
      { title: "clips", text: ({ clips }) => countText(clips), align: "right" },
      { title: "music", text: ({ minutes }) => playingTime(minutes * 60), align: "right" },
      { title: "files", text: ({ files }) => countText(files), align: "right" },
      { title: "size", text: ({ bytes }) => bytesText(bytes), align: "right" },
    ],
  };
}
