import { hash } from "node:crypto";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Database } from "../../db/connection.ts";
import { rewriteJournal } from "./rewrite.ts";

/** What to remove from the journal: the texts of these tasks, which `redact` replaces, and the tags and marks of these clips. */
export type JournalPurge = {
  taskIds: ReadonlySet<string>;
  clipIds: ReadonlySet<string>;
  redact(taskId: string, document: string): string;
};

/**
 * Replaces the text of each document of the tasks everywhere in the journal, and removes the clips from the lines of tags
 * and marks; those of playlists keep ids, on which positions depend. Broken lines that name such a task or clip are blanked, since a torn line holds texts too; for the same reason all
 * quarantined lines (`.bad`) are deleted. Running it again finishes what a kill interrupted. Call it inside a write
 * transaction. Throws DiskError.
 */
export function purgeFromJournal(home: string, db: Database, purge: JournalPurge): void {
  const folder = join(home, "journal");
  for (const name of quarantinedFiles(folder)) rmSync(join(folder, name), { force: true });
  rewriteJournal(home, db, (text) => rewrite(text, purge));
}

function quarantinedFiles(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".ndjson.bad")) : [];
}

/** The line as it is written from now on; "" when it is removed. */
function rewrite(text: string, purge: JournalPurge): string {
  if (!/"(?:document|tag|mark)"/.test(text)) return text;
  const line = parse(text);
  if (line === undefined) return mentionsAny(text, purge) ? "" : text;
  if (line.type === "document") return withoutTexts(text, line, purge);
  return line.type === "tag" || line.type === "mark" ? withoutClips(text, line, purge) : text;
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
  return next === document ? text : JSON.stringify({ ...line, sha256: hash("sha256", next), document: next });
}

/** A line without clips stays, since it has the number of a change. */
function withoutClips(text: string, line: Line, { clipIds }: JournalPurge): string {
  const clips: unknown[] = Array.isArray(line.clipIds) ? line.clipIds : [];
  const left = clips.filter((id) => !(typeof id === "string" && clipIds.has(id)));
  if (left.length === clips.length) return text;
  const emptied = left.length === 0 && line.type === "tag" ? { added: [], removed: [] } : {};
  return JSON.stringify({ ...line, clipIds: left, ...emptied });
}
