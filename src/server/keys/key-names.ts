import { UsageError } from "../../lib/errors.ts";

/** The key of PRODUCER_MIRROR_SERVE_KEY, which is in no file. */
export const ENVIRONMENT_NAME = "env";

const MAX_LENGTH = 64;

/**
 * A name as it is kept: it is also the user of Basic and of Subsonic, where a colon ends a name and blanks at the edges
 * are lost. Throws UsageError.
 */
export function checkKeyName(text: string): string {
  const name = text.normalize("NFC");
  if (sameName(name, ENVIRONMENT_NAME))
    throw new UsageError(`"${name}" is the name of the key in PRODUCER_MIRROR_SERVE_KEY`, {
      hint: "a key of that name is changed where that variable is set",
    });
  if (name.length > MAX_LENGTH || !/^[\p{L}\p{N}]([\p{L}\p{M}\p{N} ._-]*[\p{L}\p{M}\p{N}])?$/u.test(name))
    throw new UsageError(`"${text.slice(0, MAX_LENGTH)}" cannot be the name of a key`, {
      code: "bad_name",
      hint: `it takes letters, digits, blanks and . _ - inside, at most ${MAX_LENGTH}: such as phone, or living-room`,
    });
  return name;
}

/** Upper and lower case are the same: a person types these on phones. */
export function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
