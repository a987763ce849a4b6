import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { flushFolder } from "../lib/flush.ts";
import { toStorageError } from "../lib/storage-errors.ts";
import { journalFiles, readLines } from "./read-journal.ts";

/**
 * Puts another text in the place of each document of `taskIds`, everywhere in the journal; all other lines stay as they
 * are, byte for byte, but for broken ones that name such a task, which go: what a crash tore holds texts too, and so do
 * damaged lines that were put aside (`.bad`), of which nothing stays. Each file is written anew, flushed and renamed: a crash leaves the old one or the new one, and
 * running it again finishes. To be called inside of a write transaction, so that nobody appends meanwhile. Throws DiskError.
 */
export function rewriteDocuments(
  home: string,
  taskIds: ReadonlySet<string>,
  change: (taskId: string, document: string) => string,
): void {
  const folder = join(home, "journal");
  for (const name of setAside(folder)) rmSync(join(folder, name), { force: true });
  for (const name of journalFiles(home)) {
    const path = join(folder, name);
    try {
      if (!concerns(path, taskIds)) continue;
      writeAnew(path, taskIds, change);
      renameSync(`${path}.new`, path);
      flushFolder(folder);
    } catch (error) {
      throw toStorageError(error, path);
    }
  }
}

function setAside(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".ndjson.bad")) : [];
}

function concerns(path: string, taskIds: ReadonlySet<string>): boolean {
  for (const { text } of readLines(path)) if (documentIn(text, taskIds) !== undefined) return true;
  return false;
}

type DocumentLine = { taskId: string; document: string; sha256: string };

/** `broken`: no JSON, and yet it names one of the tasks. */
function documentIn(text: string, taskIds: ReadonlySet<string>): DocumentLine | "broken" | undefined {
  if (!text.includes('"document"')) return undefined;
  try {
    const line = JSON.parse(text) as { type?: unknown } & Partial<DocumentLine>;
    const isOne = line.type === "document" && typeof line.document === "string" && taskIds.has(line.taskId ?? "");
    return isOne ? (line as DocumentLine) : undefined;
  } catch {
    return [...taskIds].some((id) => text.includes(id)) ? "broken" : undefined;
  }
}

function writeAnew(path: string, taskIds: ReadonlySet<string>, change: (taskId: string, document: string) => string) {
  const file = openSync(`${path}.new`, "w", 0o600);
  try {
    chmodSync(`${path}.new`, 0o600);
    for (const { text, ended } of readLines(path)) {
      const line = documentIn(text, taskIds);
      if (line === "broken") continue;
      const next = line ? JSON.stringify(changed(line, change(line.taskId, line.document))) : text;
      writeSync(file, ended ? `${next}\n` : next);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function changed(line: DocumentLine, document: string): DocumentLine {
  return { ...line, sha256: createHash("sha256").update(document).digest("hex"), document };
}
