import type { Command } from "commander";
import type { CliCommand } from "./command.ts";
import { addCommonOptions } from "./options/common-options.ts";

/** Called to run `command`, which `loaded` has defined. */
type Run = (loaded: CliCommand, command: Command) => Promise<void>;

/**
 * Adds options and an action to a bare command and to its subcommands. Only subcommands that `argv` names are loaded; the
 * others are only listed in the help.
 */
export async function defineCommand(bare: Command, loaded: CliCommand, argv: string[], run: Run): Promise<void> {
  const command = addCommonOptions(loaded.define(bare)).action(() => run(loaded, bare));
  for (const { name, summary, load } of loaded.subcommands ?? []) {
    const subcommand = command.command(name).summary(summary).description(asSentence(summary));
    subcommand.allowExcessArguments(false); // it inherits the setting of the command above
    if (argv.includes(name)) await defineCommand(subcommand, await load(), argv, run);
  }
}

/** The summary of a command as the first line of its help. */
export function asSentence(summary: string): string {
  return `${summary.slice(0, 1).toUpperCase()}${summary.slice(1)}.`;
}
