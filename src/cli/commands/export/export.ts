import { UsageError } from "../../../lib/errors.ts";
import type { CliCommand, CommandEntry } from "../../command.ts";
import { addExample, addExitCodes } from "../../options/help.ts";

/** Everything that can be made to give away, in the order of the help; each is a command in a file of its own. */
const KINDS: CommandEntry[] = [
  {
    name: "songs",
    summary: "a folder of songs by their titles, as people and players read it",
    load: async () => (await import("./songs.ts")).command,
  },
  {
    name: "tables",
    summary: "the tables, or what a query finds, as CSV, NDJSON or Parquet",
    load: async () => (await import("./tables.ts")).command,
  },
  {
    name: "feed",
    summary: "a podcast feed of songs that lie on a web server",
    load: async () => (await import("./feed.ts")).command,
  },
];

/** Only a name before its kinds. */
export const command: CliCommand = {
  subcommands: KINDS,
  define(bare) {
    bare.allowExcessArguments();
    addExitCodes(bare, [0, 2], { 2: "usage", 0: "what each kind ends with, its own help says" });
    return addExample(bare, "producer-mirror export songs ~/Music/producer");
  },

  run(_context, [kind]) {
    const known = KINDS.map(({ name }) => name).join(", ");
    const message =
      kind === undefined ? `export what? There is: ${known}` : `export knows no "${kind}"; there is: ${known}`;
    throw new UsageError(message, { hint: "`producer-mirror export --help` says what each is" });
  },
};
