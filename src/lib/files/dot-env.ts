import { existsSync, readFileSync, statSync } from "node:fs";
import { parseEnv } from "node:util";
import { UsageError } from "../errors.ts";

/** `open`: others on this machine may read it. */
export type DotEnv = { values: Record<string, string | undefined>; open: boolean };

/** What a `.env` sets; null where no regular file is. Throws UsageError for one that cannot be read. */
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

/** Editors of Windows put a mark in front, which would be part of the first name; its shell writes UTF-16. */
function decode(bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? "utf-16le" : "utf-8").decode(bytes);
}
