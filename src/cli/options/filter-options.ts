import type { Command } from "commander";
import { ASSET_KINDS } from "../../lib/asset-kinds.ts";
import { TASK_STATES } from "../../query/filter/read-filter.ts";
import { makeWordOption } from "./option-values.ts";

/** Adds the filters; several values, separated by commas, mean any of them. */
export function addFilterOptions(command: Command): Command {
  return addFilterOptionsWithoutText(command).option("--text <words>", "songs that `search` finds with these words");
}

/** The same without `--text`, for a search. */
export function addFilterOptionsWithoutText(command: Command): Command {
  return command
    .option("--model <names>", "only these models, separated by commas")
    .option("--action <names>", "only these actions (generate, cover, extend, ...), separated by commas")
    .addOption(
      makeWordOption(
        "--state <words>",
        `only these states (${TASK_STATES.join(", ")}), separated by commas`,
        TASK_STATES,
      ),
    )
    .option("--since <date>", 'created at or after: 2026-01, 7d, today, "last month"; UTC without a zone')
    .option("--until <date>", "created at or before; a day or month counts to its end")
    .option("--min-duration <time>", "at least this long, such as 90, 1:30 or 2m")
    .option("--max-duration <time>", "at most this long")
    .option("--instrumental", "only instrumental songs")
    .option("--no-instrumental", "only songs that are not instrumental")
    .addOption(
      makeWordOption("--has <kinds>", `with a stored file of each kind (${ASSET_KINDS.join(", ")})`, ASSET_KINDS),
    )
    .addOption(makeWordOption("--missing <kinds>", "without a stored file of any of these kinds", ASSET_KINDS))
    .option("--tag <tags>", "with any of these tags, separated by commas; !tag: without it")
    .option("--no-tag", "without any tag")
    .option("--starred", "only songs with a star")
    .option("--no-starred", "only songs without a star")
    .option("--heard", "only songs that were played")
    .option("--no-heard", "only songs that were never played")
    .option("--min-rating <stars>", "rated at least so, 1 to 5")
    .option("--playlist <name>", "only songs of this playlist")
    .option("--seed <numbers>", "made with any of these seeds, separated by commas")
    .option("--root <id>", "this song and everything made from it, directly or indirectly")
    .option("--children-of <id>", "songs made directly from this one");
}
