import { constants } from "node:fs";
import { open, readdir, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { createFile, makeFolder } from "../../lib/files/durable-files.ts";
import { flushFolder } from "../../lib/files/flush.ts";

const CHUNK = 256 * 1024;
const NEWLINE = 0x0a;

/**
 * Copies the journal of `home` into `<folder>/journal`, each file up to its last whole line: without a line that is just
 * being written or that a crash cut short. Returns the paths relative to `folder`, none where there is no journal. Throws
 * DiskError.
 */
export async function copyJournal(home: string, folder: string, signal: AbortSignal): Promise<string[]> {
  const from = join(home, "journal");
  const names = (await journalNames(from)).filter((name) => /^[\w-][\w.-]*\.ndjson$/.test(name));
  if (names.length === 0) return [];
  const to = join(folder, "journal");
  await makeFolder(to);
  for (const name of names) await copyLines(join(from, name), join(to, name), signal);
  await flushFolder(to);
  return names.map((name) => `journal/${name}`);
}

async function journalNames(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw toDiskError(error, folder);
  }
}

async function copyLines(from: string, to: string, signal: AbortSignal): Promise<void> {
  try {
    await using source = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW);
    await using copy = await createFile(to);
    const end = await endOfLines(source);
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (let at = 0; at < end;) {
      signal.throwIfAborted();
      const { bytesRead } = await source.read(buffer, 0, Math.min(CHUNK, end - at), at);
      if (bytesRead === 0) break;
      for (let done = 0; done < bytesRead;) done += (await copy.write(buffer, done, bytesRead - done)).bytesWritten;
      at += bytesRead;
    }
    await copy.sync();
  } catch (error) {
    throw signal.aborted ? error : toDiskError(error, to);
  }
}

/** The position after the last line break. */
async function endOfLines(file: FileHandle): Promise<number> {
  const buffer = Buffer.allocUnsafe(CHUNK);
  for (let end = (await file.stat()).size; end > 0;) {
    const start = Math.max(0, end - CHUNK);
    const { bytesRead } = await file.read(buffer, 0, end - start, start);
    const found = buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (found !== -1) return start + found + 1;
    end = start;
  }
  return 0;
}
