import { createHash } from "node:crypto";
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeAllSync } from "../../lib/files/durable-files.ts";
import { flushFolderSync } from "../../lib/files/flush.ts";
import { toStorageError } from "../../lib/files/storage-errors.ts";
import { journalFiles, readLines } from "./read.ts";

/** What is to go from the journal: texts of these tasks, for which `redact` gives others, and tags of these clips. */
export type JournalPurge = {
  taskIds: ReadonlySet<string>;
  clipIds: ReadonlySet<string>;
  redact(taskId: string, document: string): string;
};

/**
 * Puts another text in the place of each document of the tasks, everywhere in the journal, and takes the clips out of the
 * lines of tags; all other lines stay as they are, byte for byte, but for broken ones that name such a task or clip, which
 * go: what a crash tore holds texts too, and so do damaged lines that were put aside (`.bad`), of which nothing stays. Each
 * file is written anew, flushed and renamed: a crash leaves the old one or the new one, and running it again finishes. To be
 * called inside of a write transaction, so that nobody appends meanwhile. Throws DiskError.
 */
export function purgeFromJournal(home: string, forgotten: JournalPurge): void {
  const folder = join(home, "journal");
  for (const name of setAside(folder)) rmSync(join(folder, name), { force: true });
  for (const name of journalFiles(home)) {
    const path = join(folder, name);
    try {
      if (!concerns(path, forgotten)) continue;
      writeAnew(path, forgotten);
      renameSync(`${path}.new`, path);
      flushFolderSync(folder);
    } catch (error) {
      throw toStorageError(error, path);
    }
  }
}

function setAside(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".ndjson.bad")) : [];
}

function concerns(path: string, forgotten: JournalPurge): boolean {
  for (const { text } of readLines(path)) if (rewrite(text, forgotten) !== text) return true;
  return false;
}

function writeAnew(path: string, forgotten: JournalPurge): void {
  const file = openSync(`${path}.new`, "w", 0o600);
  try {
    chmodSync(`${path}.new`, 0o600);
    for (const { text, ended } of readLines(path)) {
      const next = rewrite(text, forgotten);
      if (next !== undefined) writeAllSync(file, Buffer.from(ended ? `${next}\n` : next));
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** The line as it is to stand from now on; undefined when it goes. */
function rewrite(text: string, forgotten: JournalPurge): string | undefined {
  if (!/"(?:document|tag)"/.test(text)) return text;
  const line = parse(text);
  if (line === undefined) return names(text, forgotten) ? undefined : text;
  if (line.type === "document") return withoutTexts(text, line, forgotten);
  return line.type === "tag" ? withoutClips(text, line, forgotten) : text;
}

type Line = { type?: unknown; taskId?: unknown; document?: unknown; clipIds?: unknown };

function parse(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}

function names(text: string, { taskIds, clipIds }: JournalPurge): boolean {
  return [...taskIds, ...clipIds].some((id) => text.includes(id));
}

function withoutTexts(text: string, line: Line, { taskIds, redact }: JournalPurge): string {
  const { taskId, document } = line;
  if (typeof taskId !== "string" || typeof document !== "string" || !taskIds.has(taskId)) return text;
  const next = redact(taskId, document);
  return JSON.stringify({ ...line, sha256: createHash("sha256").update(next).digest("hex"), document: next });
}

function withoutClips(text: string, line: Line, { clipIds }: JournalPurge): string | undefined {
  const told: unknown[] = Array.isArray(line.clipIds) ? line.clipIds : [];
  const left = told.filter((id) => !(typeof id === "string" && clipIds.has(id)));
  if (left.length === told.length) return text;
  return left.length === 0 ? undefined : JSON.stringify({ ...line, clipIds: left });
}
