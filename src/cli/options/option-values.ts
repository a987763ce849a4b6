import { Option } from "commander";

const WORDS = new WeakMap<Option, readonly string[]>();

/** An option that takes some of `words`, which shells can complete; the description says them to people. */
export function makeWordOption(flags: string, description: string, words: readonly string[]): Option {
  const option = new Option(flags, description);
  WORDS.set(option, words);
  return option;
}

/** The words that an option takes, as far as they are fixed. */
export function wordsOf(option: Option): readonly string[] {
  return WORDS.get(option) ?? option.argChoices ?? [];
}
