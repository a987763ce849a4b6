import type { Command } from "commander";
import type { CliCommand } from "../../command.ts";
import { addExample, addExitCodes } from "../../options/help.ts";
import { markClips, type MarkOptions } from "./mark-clips.ts";

/** Gives songs a star of your own. */
export const command: CliCommand<MarkOptions> = starCommand(true);

/** Takes it away. */
export const unstar: CliCommand<MarkOptions> = starCommand(false);

function starCommand(starred: boolean): CliCommand<MarkOptions> {
  return {
    define: (bare) => addExample(addMarkOptions(bare), `producer-mirror ${starred ? "star" : "unstar"} 1dd08826`),
    run: ({ config }, args, { dryRun }) =>
      markClips(config(), args, { starred }, { dryRun, done: starred ? "starred" : "unstarred" }),
  };
}

/** What commands that mark clips have in common. */
export function addMarkOptions(bare: Command): Command {
  bare.argument(
    "[ids...]",
    "clips, or tasks with all their clips; the first characters of an id are enough; - reads ids from standard input, one a line",
  );
  bare.option("-n, --dry-run", "show what would change, and change nothing");
  bare.option("--json", "the counts as one JSON document");
  return addExitCodes(bare, [0, 2, 4, 7, 8, 9], { 2: "an id that is unknown or ambiguous" });
}
