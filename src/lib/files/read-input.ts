import { readFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { DiskError, UsageError } from "../errors.ts";

/**
 * Reads the text of a file, or of standard input for `-`: UTF-8, or UTF-16 with a byte order mark, as PowerShell's `>`
 * writes it. Throws UsageError when there is no such file or it is too large for one string, DiskError when it cannot be
 * read.
 */
export async function readInput(file: string): Promise<string> {
  return decode(file === "-" ? await buffer(process.stdin) : readBytes(file), file);
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new UsageError(`no such file: ${file}`, { cause });
    if (code === "EISDIR") throw new UsageError(`a folder, not a file: ${file}`, { cause });
    if (code === "ERR_FS_FILE_TOO_LARGE") throw tooLarge(file, cause);
    throw new DiskError(`cannot read ${file}: ${message}`, { cause });
  }
}

function decode(bytes: Buffer, file: string): string {
  try {
    return new TextDecoder(encodingOf(bytes)).decode(bytes);
  } catch (cause) {
    throw tooLarge(file, cause);
  }
}

function encodingOf([first, second]: Buffer): string {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}

/** A string of this runtime holds at most half a gigabyte. */
function tooLarge(file: string, cause: unknown): UsageError {
  const hint =
    "give it in parts, or only the lines with ids, such as `grep -E '[0-9a-f-]{36}' FILE | producer-mirror track -`";
  return new UsageError(`too large to read at once: ${file}`, { cause, hint });
}
