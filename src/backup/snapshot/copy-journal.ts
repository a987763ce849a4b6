import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Held } from "../../archive/journal/held.ts";
import { IntegrityError } from "../../lib/errors.ts";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { createFile, makeFolder } from "../../lib/files/durable-files.ts";
import { flushFolder } from "../../lib/files/flush.ts";

const CHUNK = 256 * 1024;

/**
 * Copies the journal of `home` into `<folder>/journal`, as far as a copy of the database holds it: the two belong to one
 * moment then. Returns the paths relative to `folder`. Throws DiskError, IntegrityError when a file is shorter than that.
 */
export async function copyJournal(home: string, folder: string, held: Held, signal: AbortSignal): Promise<string[]> {
  if (held.length === 0) return [];
  const to = join(folder, "journal");
  await makeFolder(to);
  for (const { name, bytes } of held) await copyStart(join(home, "journal", name), join(to, name), bytes, signal);
  await flushFolder(to);
  return held.map(({ name }) => `journal/${name}`);
}

async function copyStart(from: string, to: string, bytes: number, signal: AbortSignal): Promise<void> {
  try {
    await using source = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW);
    await using copy = await createFile(to);
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (let at = 0; at < bytes;) {
      signal.throwIfAborted();
      const { bytesRead } = await source.read(buffer, 0, Math.min(CHUNK, bytes - at), at);
      if (bytesRead === 0) throw shorter(from, bytes, at);
      for (let done = 0; done < bytesRead;) done += (await copy.write(buffer, done, bytesRead - done)).bytesWritten;
      at += bytesRead;
    }
    await copy.sync();
  } catch (error) {
    throw signal.aborted ? error : toDiskError(error, to);
  }
}

function shorter(path: string, expected: number, found: number): IntegrityError {
  return new IntegrityError(`the journal was changed: ${path} has ${found} bytes, and the database holds ${expected}`, {
    code: "journal_damaged",
    hint: "`producer-mirror rebuild` writes again what the journal has lost",
  });
}
