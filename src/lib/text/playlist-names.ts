import { UsageError } from "../errors.ts";
import { safeLine } from "./terminal-safe.ts";

const MAX_NAME = 200;
const MAX_COMMENT = 2000;

/** The name of a playlist as it was typed, trimmed and in composed form (NFC). Throws UsageError for what cannot be one. */
export function playlistName(text: string): string {
  const name = text.normalize("NFC").trim();
  const problem = problemOf(name);
  if (problem === undefined) return name;
  throw new UsageError(`"${safeLine(text.slice(0, MAX_NAME))}" cannot be the name of a playlist: ${problem}`, {
    code: "bad_name",
  });
}

/** A comment of a playlist, trimmed. Throws UsageError for one that is too long. */
export function playlistComment(text: string): string {
  const comment = text.toWellFormed().normalize("NFC").trim();
  if ([...comment].length <= MAX_COMMENT) return comment;
  throw new UsageError(`the comment of a playlist has at most ${MAX_COMMENT} characters`, { code: "bad_comment" });
}

function problemOf(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (safeLine(name) !== name) return "it has an invisible character";
  return [...name].length > MAX_NAME ? `it is longer than ${MAX_NAME} characters` : undefined;
}
