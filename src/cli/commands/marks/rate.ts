import { UsageError } from "../../../lib/errors.ts";
import { readRating } from "../../../query/filter/read-filter.ts";
import type { CliCommand } from "../../command.ts";
import { addExample, addExitCodes } from "../../options/help.ts";
import { markClips, type MarkOptions } from "./mark-clips.ts";

/** Rates songs from 1 to 5; 0 takes the rating away. */
export const command: CliCommand<MarkOptions> = {
  define(bare) {
    bare.usage("[options] <ids...> <rating>");
    bare.argument(
      "<words...>",
      "clips, or tasks with all their clips, or - for ids in standard input; and at the end the rating, 1 to 5, or 0 for none",
    );
    bare.option("-n, --dry-run", "show what would change, and change nothing");
    bare.option("--json", "the counts as one JSON document");
    addExitCodes(bare, [0, 2, 4, 7, 8, 9], { 2: "an id that is unknown or ambiguous; no rating" });
    return addExample(bare, "producer-mirror rate 1dd08826 5");
  },

  async run({ config }, args, { dryRun }) {
    const [last = ""] = args.slice(-1);
    if (args.length < 2)
      throw new UsageError("rate takes ids and then a rating from 0 to 5", { hint: "such as: rate 1dd08826 5" });
    const rating = readRating(last, "the rating");
    return markClips(
      config(),
      args.slice(0, -1),
      { rating },
      { dryRun, done: rating === 0 ? "unrated" : `rated ${rating}` },
    );
  },
};
