import { createReadStream, readFileSync, statSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { TextDecoder } from "node:util";
import { DiskError, UsageError } from "../errors.ts";

/**
 * Reads the text of a file, or of standard input for `-`: UTF-8, or UTF-16 with a byte order mark, as PowerShell's `>`
 * writes it. Throws UsageError when there is no such file or it is too large for one string, DiskError when it cannot be
 * read.
 */
export async function readInput(file: string): Promise<string> {
  return decode(file === "-" ? await buffer(process.stdin) : readBytes(file), file);
}

/** A file of more bytes is read as lines: many records in one JSON document take that much only when they are many thousands. */
const WHOLE_BYTES = 64 * 2 ** 20;
const PART_BYTES = 16 * 2 ** 20;

/** As readInput, but a large file in parts of whole lines, so that its size does not matter. */
export async function* readInputParts(file: string): AsyncGenerator<string> {
  if (file === "-" || sizeOf(file) <= WHOLE_BYTES) {
    yield await readInput(file);
    return;
  }
  let decoder: TextDecoder | undefined;
  let rest = "";
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: PART_BYTES }) as AsyncIterable<Buffer>) {
      decoder ??= new TextDecoder(encodingOf(chunk));
      const text = rest + decoder.decode(chunk, { stream: true });
      const end = text.lastIndexOf("\n") + 1;
      if (end > 0) yield text.slice(0, end);
      rest = text.slice(end);
    }
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(file, cause);
    throw unreadable(file, cause);
  }
  if (rest !== "") yield rest;
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): UsageError | DiskError {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === "ENOENT") return new UsageError(`no such file: ${file}`, { cause });
  if (code === "EISDIR") return new UsageError(`a folder, not a file: ${file}`, { cause });
  if (code === "ERR_FS_FILE_TOO_LARGE") return tooLarge(file, cause);
  return new DiskError(`cannot read ${file}: ${message}`, { cause });
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
