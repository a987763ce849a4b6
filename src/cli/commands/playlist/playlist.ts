import { UsageError } from "../../../lib/errors.ts";
import type { CliCommand, CommandEntry } from "../../command.ts";
import { addExample, addExitCodes } from "../../options/help.ts";

/** What can be done with playlists, in the order of the help. */
const VERBS: CommandEntry[] = [
  { name: "list", summary: "every playlist", load: async () => (await import("./show.ts")).list },
  {
    name: "show",
    summary: "the songs of a playlist, with their positions",
    load: async () => (await import("./show.ts")).show,
  },
  { name: "create", summary: "make a playlist", load: async () => (await import("./create.ts")).command },
  { name: "add", summary: "add songs, at the end or at a position", load: async () => (await import("./edit.ts")).add },
  {
    name: "remove",
    summary: "take songs off a playlist by their positions",
    load: async () => (await import("./edit.ts")).remove,
  },
  { name: "move", summary: "move a song to another position", load: async () => (await import("./edit.ts")).move },
  {
    name: "rename",
    summary: "give a playlist another name or comment",
    load: async () => (await import("./edit.ts")).rename,
  },
  { name: "rm", summary: "remove a playlist; its songs stay", load: async () => (await import("./edit.ts")).rm },
];

/** Only a name before its verbs. */
export const command: CliCommand = {
  subcommands: VERBS,
  define(bare) {
    bare.allowExcessArguments();
    addExitCodes(bare, [0, 2], { 2: "usage", 0: "what each ends with, its own help says" });
    return addExample(bare, "producer-mirror playlist add Night 1dd08826");
  },

  run(_context, [verb]) {
    const known = VERBS.map(({ name }) => name).join(", ");
    const message =
      verb === undefined ? `playlist what? There is: ${known}` : `playlist knows no "${verb}"; there is: ${known}`;
    throw new UsageError(message, { hint: "`producer-mirror playlist --help` says what each is" });
  },
};
