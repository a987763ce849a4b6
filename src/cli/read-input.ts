import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { DiskError, UsageError } from "../lib/errors.ts";

/** The text of a file, or of standard input for `-`. Throws UsageError when there is no such file. */
export async function readInput(file: string): Promise<string> {
  if (file === "-") return text(process.stdin);
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "EISDIR") throw new UsageError(`no such file: ${file}`, { cause });
    throw new DiskError(`cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
}
