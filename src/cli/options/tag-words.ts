import type { TagChange } from "../../archive/tags.ts";
import { UsageError } from "../../lib/errors.ts";
import { foldTag, tagName } from "../../lib/text/tag-names.ts";
import { readInput } from "../../lib/files/read-input.ts";

/** A tag with its sign; `-` alone is standard input. */
export function isTag(word: string): boolean {
  return /^[+-]./s.test(word);
}

/** What `+name` and `-name` ask for. Throws UsageError for what cannot be a tag, and for one that would be added and removed. */
export function readChange(args: string[]): TagChange {
  const named = (sign: string) =>
    args.filter((word) => isTag(word) && word.startsWith(sign)).map((word) => tagName(word.slice(1)));
  const [added, removed] = [named("+"), named("-")];
  const without = new Set(removed.map(foldTag));
  const both = added.find((name) => without.has(foldTag(name)));
  if (both !== undefined) throw new UsageError(`+${both} and -${both} exclude each other`);
  return { added, removed };
}

/** The other words; `-` stands for the lines of standard input. Each id once. */
export async function readIds(words: string[]): Promise<string[]> {
  const read = async (word: string) => (word === "-" ? (await readInput("-")).split("\n") : [word]);
  const all = await Promise.all([...new Set(words)].map(read));
  return [...new Set(all.flat().map((id) => id.trim()))].filter(Boolean);
}
