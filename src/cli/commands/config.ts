import type { ResolvedSetting } from "../../config.ts";
import type { CliCommand } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import { addFormatOptions, readFormat, type FormatOptions } from "../options/list-options.ts";
import { addSettingOptions } from "../options/sync-options.ts";
import type { Listing } from "../../print/output/rows.ts";

const LISTING: Listing<ResolvedSetting> = {
  fields: ["variable", "flag", "value", "source"],
  columns: [
    { title: "variable", text: ({ variable }) => variable },
    { title: "value", text: ({ value }) => value },
    { title: "from", text: ({ source }) => source },
    { title: "flag", text: ({ flag }) => flag ?? "", overflow: "drop" },
  ],
};

/** Each setting as a command would use it here and now. Needs no archive, changes nothing. */
export const command: CliCommand<FormatOptions> = {
  define(bare) {
    addSettingOptions(addFormatOptions(bare));
    bare.addHelpText(
      "after",
      "\nA flag overrides the environment, which overrides <home>/.env, which overrides .env in the working folder.",
    );
    addExitCodes(bare, [0, 2], { 2: "usage or configuration" });
    return addExample(bare, "producer-mirror config");
  },

  async run({ config, settings, output }, _args, options) {
    const format = readFormat(options);
    const { home } = config();
    if (format === "table") output.print(home);
    await output.rows(format, settings(), LISTING);
  },
};
