import type { SettingInUse } from "../../config.ts";
import type { CliCommand } from "../command.ts";
import { example, exitCodes } from "../options/help.ts";
import { formatOptions, readFormat, type FormatOptions } from "../options/list-options.ts";
import { settingOptions } from "../options/sync-options.ts";
import type { Listing } from "../../print/output/rows.ts";

const LISTING: Listing<SettingInUse> = {
  fields: ["variable", "flag", "value", "source"],
  columns: [
    { title: "variable", text: ({ variable }) => variable },
    { title: "value", text: ({ value }) => value },
    { title: "from", text: ({ source }) => source },
    { title: "flag", text: ({ flag }) => flag ?? "", narrow: "drop" },
  ],
};

/** Each setting as a command would use it here and now. Needs no archive, changes nothing. */
export const command: CliCommand<FormatOptions> = {
  define(bare) {
    settingOptions(formatOptions(bare));
    bare.addHelpText(
      "after",
      "\nA flag counts over the environment, that over <home>/.env, that over .env in the working folder.",
    );
    exitCodes(bare, [0, 2], { 2: "usage or configuration" });
    return example(bare, "producer-mirror config");
  },

  async run({ config, settings, output }, _args, options) {
    const format = readFormat(options);
    const { home } = config();
    if (format === "table") output.data(home);
    await output.rows(format, settings(), LISTING);
    return 0;
  },
};
