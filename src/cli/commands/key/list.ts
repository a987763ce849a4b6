import { requireArchive } from "../../../app/archive.ts";
import { shortTime } from "../../../print/views/clip-table.ts";
import { printList } from "../../../print/views/print-list.ts";
import type { Listing } from "../../../print/output/rows.ts";
import { listKeys, type ListedKey } from "../../../server/keys/list-keys.ts";
import type { CliCommand } from "../../command.ts";
import { addExample, addExitCodes } from "../../options/help.ts";
import { addFormatOptions, readFormat, type FormatOptions } from "../../options/list-options.ts";

const KEYS: Listing<ListedKey> = {
  fields: ["name", "addedAt", "lastUsedAt"],
  columns: [
    { title: "name", text: ({ name }) => name, overflow: "shrink" },
    { title: "made", text: ({ addedAt }) => (addedAt === null ? "by the environment" : shortTime(addedAt)) },
    { title: "last used", text: ({ lastUsedAt }) => (lastUsedAt === null ? "never" : shortTime(lastUsedAt)) },
  ],
};

/** Names and times; the keys themselves are shown nowhere. */
export const command: CliCommand<FormatOptions> = {
  define(bare) {
    addFormatOptions(bare);
    addExitCodes(bare, [0, 2, 7]);
    return addExample(bare, "producer-mirror key list");
  },

  async run({ config, output }, _args, options) {
    const format = readFormat(options);
    const settings = config();
    const { home, serveKey } = settings;
    requireArchive(settings);
    const rows = listKeys(home, serveKey !== undefined);
    await printList({ output, format, home, rows, listing: KEYS, filter: {}, total: () => rows.length });
  },
};
