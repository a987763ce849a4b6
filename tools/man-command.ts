import { Command, type Option } from "commander";
import type { CommandEntry } from "../src/cli/command.ts";
import { addCommonOptions } from "../src/cli/options/common-options.ts";
import { asSentence, defineCommand } from "../src/cli/define-command.ts";
import { bold, hanging, heading, italic, roffMarked, verbatim } from "./roff.ts";

const COMMON = new Set(addCommonOptions(new Command()).options.map(({ flags }) => flags));

/** The options that every command has. */
export function manCommonOptions(): string {
  return addCommonOptions(new Command()).options.map(manOption).join("\n");
}

/** All that the help of a command says, and of those below it, as parts of a manual page. */
export async function manCommand({ name, alias, summary, load }: CommandEntry): Promise<string> {
  const top = new Command("producer-mirror").exitOverride();
  const command = top.command(name).description(asSentence(summary));
  if (alias) command.alias(alias);
  const loaded = await load();
  const kinds = (loaded.subcommands ?? []).map((kind) => kind.name);
  await defineCommand(command, loaded, kinds, async () => {});
  return [command, ...command.commands].map(manPart).join("\n");
}

function manPart(command: Command): string {
  const help = command.createHelp();
  const usage = help.commandUsage(command).replace("producer-mirror ", "");
  return [
    heading("SS", usage),
    roffMarked(command.description()),
    ...command.commands.map((one) => hanging(bold(one.name()), roffMarked(one.summary()))),
    ...help
      .visibleArguments(command)
      .map((one) => hanging(italic(one.name()), roffMarked(help.argumentDescription(one)))),
    ...help.visibleOptions(command).filter(isOwn).map(manOption),
    ...afterOptions(command),
  ].join("\n");
}

function isOwn({ flags, long }: Option): boolean {
  return !COMMON.has(flags) && long !== "--help";
}

function manOption(option: Option): string {
  const flags = option.flags
    .split(/(<[^>]*>|\[[^\]]*\])/)
    .map((part, at) => (at % 2 === 1 ? italic(part) : bold(part)));
  const text = new Command().createHelp().optionDescription(option);
  return hanging(flags.join("").replaceAll("\\fB\\fR", ""), roffMarked(text));
}

/** Remarks, exit codes and the example, which commander knows as text alone. */
function afterOptions(command: Command): string[] {
  let help = "";
  command.configureOutput({ writeOut: (text) => (help += text) });
  command.outputHelp();
  const after = help.slice(command.helpInformation().length).trim();
  return after.split(/\n\n/).map((part) => {
    const [first = "", ...rest] = part.split("\n");
    if (first === "Exit codes:") return `.PP\n${bold(first)}\n.PD 0\n${rest.map(exitCode).join("\n")}\n.PD`;
    if (first === "Example:") return `.PP\n${bold(first)}\n${verbatim(rest.map((line) => line.trim()).join("\n"))}`;
    return remark([first, ...rest]);
  });
}

function exitCode(line: string): string {
  const [, code = "", text = ""] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
  return hanging(bold(code), roffMarked(text));
}

/** A line a paragraph; lines that are indented stay as they are. */
function remark(lines: string[]): string {
  return lines.map((line) => (line.startsWith("  ") ? verbatim(line.trim()) : `.PP\n${roffMarked(line)}`)).join("\n");
}
