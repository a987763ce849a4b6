import { UsageError } from "../../lib/errors.ts";
import type { CliCommand } from "../command.ts";
import { example, exitCodes } from "../help.ts";
import { filterOptions, type ListOptions } from "../list-options.ts";

type Options = ListOptions & { dryRun?: boolean };

/** A folder of songs by their titles. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument("<folder>", "holds the songs; a new one, an empty one, or one that this command made");
    filterOptions(bare);
    bare.option("-n, --dry-run", "list what would be done; writes nothing");
    bare.option("--json", "the counts as one JSON document");
    exitCodes(bare, [0, 2, 4, 7, 8, 9, 130, 143]);
    return example(bare, "producer-mirror export songs ~/Music/producer");
  },

  run() {
    throw new UsageError("this is being built: the songs are not written yet");
  },
};
