import { existsSync, readFileSync, statSync } from "node:fs";
import { parseEnv } from "node:util";
import { UsageError } from "../errors.ts";

/** The variables of a `.env`; `open` is true when other users of this machine can read the file. */
export type DotEnv = { values: Record<string, string | undefined>; open: boolean };

/** Reads a `.env`; null when it is not a regular file. Throws UsageError when it cannot be read. */
export function readDotEnv(path: string): DotEnv | null {
  if (!existsSync(path) || !statSync(path).isFile()) return null;
  const open = process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0;
  return { values: parseEnv(decode(readBytes(path))), open };
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new UsageError(`cannot read ${path}`, { cause, hint: "make it readable, or remove it" });
  }
}

/** Windows editors add a byte order mark, which would become part of the first name; PowerShell writes UTF-16. */
function decode(bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? "utf-16le" : "utf-8").decode(bytes);
}
