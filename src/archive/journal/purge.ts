import { createHash } from "node:crypto";
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeAllSync } from "../../lib/files/durable-files.ts";
import { flushFolderSync } from "../../lib/files/flush.ts";
import { toStorageError } from "../../lib/files/storage-errors.ts";
import { journalFiles, readLines } from "./read.ts";

/** What to remove from the journal: the texts of these tasks, which `redact` replaces, and the tags of these clips. */
export type JournalPurge = {
  taskIds: ReadonlySet<string>;
  clipIds: ReadonlySet<string>;
  redact(taskId: string, document: string): string;
};

/**
 * Replaces the text of each document of the tasks everywhere in the journal, and removes the clips from the lines of tags.
 * Broken lines that name such a task or clip are removed, since a torn line holds texts too; for the same reason all
 * quarantined lines (`.bad`) are deleted. All other lines stay as they are, byte for byte. Each file is rewritten beside,
 * flushed and renamed: a crash leaves the old file or the new one, and running it again finishes. Call it inside a write
 * transaction, so that nobody appends at the same time. Throws DiskError.
 */
export function purgeFromJournal(home: string, purge: JournalPurge): void {
  const folder = join(home, "journal");
  for (const name of quarantinedFiles(folder)) rmSync(join(folder, name), { force: true });
  for (const name of journalFiles(home)) {
    const path = join(folder, name);
    try {
      if (!needsRewrite(path, purge)) continue;
      writePurged(path, purge);
      renameSync(`${path}.new`, path);
      flushFolderSync(folder);
    } catch (error) {
      throw toStorageError(error, path);
    }
  }
}

function quarantinedFiles(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".ndjson.bad")) : [];
}

function needsRewrite(path: string, purge: JournalPurge): boolean {
  for (const { text } of readLines(path)) if (rewrite(text, purge) !== text) return true;
  return false;
}

function writePurged(path: string, purge: JournalPurge): void {
  const file = openSync(`${path}.new`, "w", 0o600);
  try {
    chmodSync(`${path}.new`, 0o600);
    for (const { text, ended } of readLines(path)) {
      const next = rewrite(text, purge);
      if (next !== undefined) writeAllSync(file, Buffer.from(ended ? `${next}\n` : next));
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** The line as it is written from now on; undefined when it is removed. */
function rewrite(text: string, purge: JournalPurge): string | undefined {
  if (!/"(?:document|tag)"/.test(text)) return text;
  const line = parse(text);
  if (line === undefined) return mentionsAny(text, purge) ? undefined : text;
  if (line.type === "document") return withoutTexts(text, line, purge);
  return line.type === "tag" ? withoutClips(text, line, purge) : text;
}

type Line = { type?: unknown; taskId?: unknown; document?: unknown; clipIds?: unknown };

function parse(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}

function mentionsAny(text: string, { taskIds, clipIds }: JournalPurge): boolean {
  return [...taskIds, ...clipIds].some((id) => text.includes(id));
}

function withoutTexts(text: string, line: Line, { taskIds, redact }: JournalPurge): string {
  const { taskId, document } = line;
  if (typeof taskId !== "string" || typeof document !== "string" || !taskIds.has(taskId)) return text;
  const next = redact(taskId, document);
  return JSON.stringify({ ...line, sha256: createHash("sha256").update(next).digest("hex"), document: next });
}

function withoutClips(text: string, line: Line, { clipIds }: JournalPurge): string | undefined {
  const clips: unknown[] = Array.isArray(line.clipIds) ? line.clipIds : [];
  const left = clips.filter((id) => !(typeof id === "string" && clipIds.has(id)));
  if (left.length === clips.length) return text;
  return left.length === 0 ? undefined : JSON.stringify({ ...line, clipIds: left });
}
