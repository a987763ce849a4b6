import type { Command } from "commander";

/**
 * Takes the words that are no options out of what was typed behind a command's name: commander would read `-vocal` as `-v`
 * and an unknown rest. What begins with two dashes is an option, with one dash only a short option of the command to the
 * letter; behind `--` nothing is. With `longToo` an unknown option is a word as well.
 */
export function separateWords(
  typed: string[],
  command: Command,
  longToo: boolean,
): { options: string[]; words: string[] } {
  const end = typed.includes("--") ? typed.indexOf("--") : typed.length;
  const words = typed.slice(end + 1);
  const options: string[] = [];
  const before: string[] = [];
  for (let at = 0; at < end; at++) {
    const word = typed[at] ?? "";
    const option = command.options.find(({ long, short }) => word === long || word === short);
    const isLong = word.startsWith("--") && !(longToo && isUnknown(word, command));
    if (!option && !isLong && word !== "-h") before.push(word);
    else options.push(...typed.slice(at, option?.required ? Math.min(++at + 1, end) : at + 1));
  }
  return { options, words: [...before, ...words] };
}

function isUnknown(word: string, command: Command): boolean {
  const [name] = word.split("=");
  return name !== "--help" && command.options.every(({ long }) => long !== name);
}
