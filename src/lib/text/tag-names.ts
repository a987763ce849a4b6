import { UsageError } from "../errors.ts";
import { safeLine } from "./terminal-safe.ts";

const MAX_LENGTH = 64;

/**
 * A tag as the user typed it, trimmed and in composed form (NFC). Throws UsageError for a tag that could not be typed
 * again: commas separate tags, and `+`, `-` and `!` have a meaning before them.
 */
export function tagName(text: string): string {
  const name = text.normalize("NFC").trim();
  const problem = problemOf(name);
  if (problem === undefined) return name;
  throw new UsageError(`"${safeLine(text)}" cannot be a tag: ${problem}`, { code: "bad_tag" });
}

/** Names that fold to the same text are the same tag: case is ignored, in any script. */
export function foldTag(name: string): string {
  return name.normalize("NFC").toUpperCase().toLowerCase().normalize("NFC");
}

function problemOf(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (/^[+!-]/.test(name)) return `it begins with ${name.slice(0, 1)}`;
  if (name.includes(",")) return "it has a comma";
  if (safeLine(name) !== name) return "it has an invisible character";
  return [...name].length > MAX_LENGTH ? `it is longer than ${MAX_LENGTH} characters` : undefined;
}
