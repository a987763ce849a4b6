import { EXIT, MirrorError } from "../../lib/errors.ts";
import { toStorageError } from "../../lib/files/storage-errors.ts";
import { safeLine } from "../../lib/text/terminal-safe.ts";
import { cutText } from "./tokens.ts";

/** Tokens of a message: it may repeat what it was given. */
const MESSAGE = 300;

/** What went wrong, in one line for an assistant. What we did not expect says nothing of its inside. */
export function failureText(thrown: unknown): string {
  const error = toStorageError(thrown);
  if (!(error instanceof MirrorError)) return "an unexpected failure; producer-mirror's messages on stderr say more";
  // A hint about flags is of no use here; one about a disk is for the person.
  const forPeople = error.exit !== EXIT.usage && error.exit !== EXIT.query && error.hint;
  return cutText(safeLine(inArguments(forPeople ? `${error.message} (${error.hint})` : error.message)), MESSAGE);
}

/** Messages name the flags of commands, `--min-duration`; here these are arguments, `min_duration`. */
function inArguments(message: string): string {
  return message.replaceAll(/(?<!\S)--([a-z][a-z-]*)/g, (_flag, name: string) => name.replaceAll("-", "_"));
}
