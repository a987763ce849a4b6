import { Command, type Option } from "commander";
import type { CommandEntry } from "../command.ts";
import { addCommonOptions } from "../options/common-options.ts";
import { defineCommand } from "../define-command.ts";

/** What the next word on a command line would be. */
export type LinePosition = {
  /** The command that the words so far name; the program itself before the first. */
  command: Command;
  /** How many of its arguments are already typed. */
  given: number;
  /** The option whose value comes next. */
  open: Option | undefined;
  /** After `--` nothing is an option. */
  optionsEnded: boolean;
  used: Set<Option>;
  /** The value of `--home`, as typed. */
  home: string | undefined;
};

/** Goes through the words before the cursor. Undefined when the first word is no command. */
export async function readLine(words: string[], commands: CommandEntry[]): Promise<LinePosition | undefined> {
  const at: LinePosition = {
    command: topCommand(commands),
    given: 0,
    open: undefined,
    optionsEnded: false,
    used: new Set(),
    home: undefined,
  };
  const top = at.command;
  for (const word of words) {
    if (readAsValue(at, word) || readAsOption(at, word)) continue;
    const below = at.given === 0 ? await commandBelow(at.command, word, words, commands) : undefined;
    if (below) at.command = below;
    else if (at.command === top) return undefined;
    else at.given++;
  }
  return at;
}

/** The option that `word` names, with or without `=value`. */
export function optionNamed(command: Command, word: string): Option | undefined {
  const [name = ""] = word.split("=", 1);
  return command.options.find(({ long, short }) => name !== "" && (name === long || name === short));
}

function topCommand(commands: CommandEntry[]): Command {
  const top = addCommonOptions(new Command("producer-mirror")).version("", "-V, --version");
  for (const { name, alias, summary } of commands) {
    const command = top.command(name).summary(summary);
    if (alias) command.alias(alias);
  }
  return top;
}

/** At the top, commands are in files of their own, loaded when named; what lies below one comes with it. */
async function commandBelow(
  command: Command,
  word: string,
  words: string[],
  commands: CommandEntry[],
): Promise<Command | undefined> {
  if (command.parent) return command.commands.find((one) => one.name() === word);
  const entry = commands.find(({ name, alias }) => word === name || word === alias);
  const bare = command.commands.find((one) => one.name() === entry?.name);
  if (entry && bare) await defineCommand(bare, await entry.load(), words, async () => {});
  return bare;
}

function readAsValue(at: LinePosition, word: string): boolean {
  const { open } = at;
  if (!open || (open.variadic && word.startsWith("-"))) return false;
  if (open.long === "--home") at.home = word;
  if (!open.variadic) at.open = undefined;
  return true;
}

function readAsOption(at: LinePosition, word: string): boolean {
  if (at.optionsEnded || !word.startsWith("-") || word === "-") return false;
  at.open = undefined;
  if (word === "--") at.optionsEnded = true;
  const option = optionNamed(at.command, word);
  if (!option) return true;
  at.used.add(option);
  const value = word.split("=").slice(1).join("=");
  if (option.required && !word.includes("=")) at.open = option;
  else if (option.long === "--home") at.home = value;
  return true;
}
