import type { Option } from "commander";
import { safeLine } from "../../lib/text/terminal-safe.ts";
import type { Candidate } from "../../query/lists/completions.ts";
import type { CommandEntry } from "../command.ts";
import { wordsOf } from "../options/option-values.ts";
import { argumentValues, optionValues, plain, type ArchiveSource, type ShellPaths } from "./values.ts";
import { optionNamed, readLine, type LinePosition } from "./read-line.ts";

/** The files or folders of the disk, or these words: all begin with what is typed, and none has control characters. */
export type Completion = ShellPaths | Candidate[];

/** Opens the archive that the words so far name; undefined where that is not possible. */
export type OpenArchive = (home: string | undefined) => ArchiveSource;

/** Options that take several values, comma between. */
const LISTS = ["names", "words", "kinds", "tags"];
const LONGEST_ABOUT = 60;

/** The completions of the word at the cursor, after `words` (the program's name not among them). */
export async function completeLine(
  words: string[],
  current: string,
  { commands, peek }: { commands: CommandEntry[]; peek: OpenArchive },
): Promise<Completion> {
  const at = await readLine(words, commands);
  const found = at ? completeAt(at, current, peek(at.home)) : [];
  return typeof found === "string" ? found : found.filter(({ value }) => fits(value, current)).map(shorten);
}

function completeAt(at: LinePosition, current: string, look: ArchiveSource): Completion {
  const { command } = at;
  if (at.open && !(at.open.variadic && current.startsWith("-"))) return optionCandidates(at.open, current, look);
  const argument = command.registeredArguments[at.given] ?? variadicArgument(at);
  const signed = command.name() === "tag" && at.given > 0;
  if (current.startsWith("-") && !at.optionsEnded && !signed) return optionNames(at, current, look);
  if (command.commands.length > 0 && at.given === 0) {
    const all = command.commands.flatMap((one) => [one.name(), ...one.aliases()].map((value) => ({ value, one })));
    return all.map(({ value, one }) => ({ value, about: one.summary() }));
  }
  if (!argument) return [];
  if (argument.argChoices) return plain(argument.argChoices);
  return argumentValues(command.name(), argument.name(), look, current);
}

function variadicArgument({ command }: LinePosition) {
  const last = command.registeredArguments.at(-1);
  return last?.variadic ? last : undefined;
}

/** The names of options, or after `--name=` the values of one. */
function optionNames({ command, used }: LinePosition, current: string, look: ArchiveSource): Completion {
  if (current.includes("=")) {
    const option = optionNamed(command, current);
    const head = current.slice(0, current.indexOf("=") + 1);
    return option?.required ? withHead(head, optionCandidates(option, current.slice(head.length), look)) : [];
  }
  return command
    .createHelp()
    .visibleOptions(command)
    .filter((option) => !used.has(option) || option.variadic)
    .map(({ long, short, description }) => ({ value: long ?? short ?? "", about: description }));
}

function optionCandidates(option: Option, current: string, look: ArchiveSource): Completion {
  const placeholder = /<(\w+)/.exec(option.flags)?.[1] ?? "";
  const head = LISTS.includes(placeholder) ? current.slice(0, current.lastIndexOf(",") + 1) : "";
  const words = wordsOf(option);
  const named = new Set(head.split(","));
  const rest = current.slice(head.length);
  const found = words.length > 0 ? plain(words) : optionValues(option.long ?? "", placeholder, look, rest);
  return withHead(head, typeof found === "string" ? found : found.filter(({ value }) => !named.has(value)));
}

function withHead(head: string, found: Completion): Completion {
  return typeof found === "string" ? found : found.map(({ value, about }) => ({ value: head + value, about }));
}

/** A word with invisible characters is not offered: a shell would insert it unchanged. */
function fits(value: string, current: string): boolean {
  return value !== "" && value.startsWith(current) && safeLine(value) === value;
}

function shorten({ value, about }: Candidate): Candidate {
  const line = [...safeLine(about)];
  return {
    value,
    about: line.length > LONGEST_ABOUT ? `${line.slice(0, LONGEST_ABOUT - 1).join("")}…` : line.join(""),
  };
}
