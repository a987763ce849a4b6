import type { Command } from "commander";

/**
 * Separates options from words that begin with a dash, in what was typed after a command's name: commander would read
 * `-vocal` as `-v` and an unknown rest. What begins with two dashes is an option, so that a mistyped one is an error. What
 * begins with one dash is one only if it is exactly a short option of the command. After `--` nothing is.
 */
export function separateWords(typed: string[], command: Command): { options: string[]; words: string[] } {
  const end = typed.includes("--") ? typed.indexOf("--") : typed.length;
  const words = typed.slice(end + 1);
  const options: string[] = [];
  const before: string[] = [];
  for (let at = 0; at < end; at++) {
    const word = typed[at] ?? "";
    const option = command.options.find(({ long, short }) => word === long || word === short);
    if (!option && !word.startsWith("--") && word !== "-h") before.push(word);
    else options.push(...typed.slice(at, option?.required ? Math.min(++at + 1, end) : at + 1));
  }
  return { options, words: [...before, ...words] };
}
