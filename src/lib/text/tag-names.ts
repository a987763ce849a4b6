import { UsageError } from "../errors.ts";
import { safeLine } from "./terminal-safe.ts";

const LONGEST = 64;

/**
 * A tag as a person typed it, without blanks around it, accents in their composed form (NFC). Throws UsageError for one
 * that could not be typed back: a comma stands between tags, and `+`, `-` and `!` before them.
 */
export function tagName(text: string): string {
  const name = text.normalize("NFC").trim();
  const wrong = whatIsWrong(name);
  if (wrong === undefined) return name;
  throw new UsageError(`"${safeLine(text)}" cannot be a tag: ${wrong}`, { code: "bad_tag" });
}

/** Names that fold to the same text are one tag: case does not count, in any script. */
export function foldTag(name: string): string {
  return name.normalize("NFC").toUpperCase().toLowerCase().normalize("NFC");
}

function whatIsWrong(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (/^[+!-]/.test(name)) return `it begins with ${name.slice(0, 1)}`;
  if (name.includes(",")) return "it has a comma";
  if (safeLine(name) !== name) return "it has a character that nobody sees";
  return [...name].length > LONGEST ? `it is longer than ${LONGEST} characters` : undefined;
}
