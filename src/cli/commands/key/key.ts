import { UsageError } from "../../../lib/errors.ts";
import type { CliCommand, CommandEntry } from "../../command.ts";
import { addExample, addExitCodes } from "../../options/help.ts";

/** What is done with keys, in the order of the help; each is a command in a file of its own. */
const KINDS: CommandEntry[] = [
  {
    name: "add",
    summary: "make a key for a device and print it, once",
    load: async () => (await import("./add.ts")).command,
  },
  {
    name: "list",
    summary: "the names of all keys, and when each was last used",
    load: async () => (await import("./list.ts")).command,
  },
  {
    name: "rm",
    summary: "end a key, also in a server that runs",
    load: async () => (await import("./rm.ts")).command,
  },
];

/** Only a name before what is done with keys. */
export const command: CliCommand = {
  subcommands: KINDS,
  define(bare) {
    bare.allowExcessArguments();
    addExitCodes(bare, [0, 2], { 2: "usage", 0: "what each kind ends with, its own help says" });
    return addExample(bare, "producer-mirror key add phone");
  },

  run(_context, [kind]) {
    const known = KINDS.map(({ name }) => name).join(", ");
    const message = kind === undefined ? `key what? There is: ${known}` : `key knows no "${kind}"; there is: ${known}`;
    throw new UsageError(message, { hint: "`producer-mirror key --help` says what each is" });
  },
};
