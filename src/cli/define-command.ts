import type { Command } from "commander";
import type { CliCommand } from "./command.ts";
import { addCommonOptions } from "./options/common-options.ts";

/** Runs `command`, which `loaded` has defined. */
type Run = (loaded: CliCommand, command: Command) => Promise<void>;

/**
 * Gives a bare command its options and what it does, and those below it theirs. Of these only the ones that `argv` names
 * are loaded: the others stand in the help.
 */
export async function defineCommand(bare: Command, loaded: CliCommand, argv: string[], run: Run): Promise<void> {
  const command = addCommonOptions(loaded.define(bare)).action(() => run(loaded, bare));
  for (const { name, summary, load } of loaded.subcommands ?? []) {
    const kind = command.command(name).summary(summary).description(asSentence(summary));
    kind.allowExcessArguments(false); // it would take that after the command above it
    if (argv.includes(name)) await defineCommand(kind, await load(), argv, run);
  }
}

/** What a command does, above its own help. */
export function asSentence(summary: string): string {
  return `${summary.slice(0, 1).toUpperCase()}${summary.slice(1)}.`;
}
