import { createHash } from "node:crypto";
import { isPrimary, type JournalEntry } from "../../archive/journal/journal.ts";
import type { JournalPosition } from "../../archive/journal/edit.ts";
import { readJournal } from "../../archive/journal/read.ts";

/** What the journal has, as far as the database is compared with it. Times are milliseconds UTC. */
export type JournalContents = {
  /** The first undamaged line of each document, and its time, by `documentKey`. */
  documents: Map<string, JournalPosition & { at: number }>;
  /** By task id, the `documentKey` of its current document: the last line that is not marked as a mere further version. */
  current: Map<string, string>;
  /** Each id that was ever tracked. The value is the time it was untracked, null while it is tracked. */
  tracked: Map<string, number | null>;
  /** Clips that the user removed, and when. */
  removed: Map<string, number>;
  /** Clips that the user purged, and when. */
  purged: Map<string, number>;
  /** The tags of each clip, and when each was added. */
  tags: Map<string, Map<string, number>>;
  /** By `fileKey`, in the order in which they were stored. */
  stored: Map<string, JournaledFile[]>;
  /** The line with the archive's id, else the position before the first line. Undefined when there is no journal. */
  first: JournalPosition | undefined;
  /** Damaged lines. Lines that a crash cut short are not among them. */
  broken: (JournalPosition & { why: string })[];
};

type DocumentName = { taskId: string; kind: string; sha256: string };
type FileName = { taskId: string; clipId: string | null; kind: string };

/** The facts of a file in a line of the journal. */
export type JournaledFile = { path: string | null; bytes: number | null; sha256: string | null };

/** Reads the journal once. It keeps the digest of each document, not its text. Throws DiskError. */
export function readJournalContents(home: string, signal: AbortSignal): JournalContents {
  const contents: JournalContents = {
    documents: new Map(),
    current: new Map(),
    tracked: new Map(),
    removed: new Map(),
    purged: new Map(),
    tags: new Map(),
    stored: new Map(),
    first: undefined,
    broken: [],
  };
  for (const read of readJournal(home)) {
    signal.throwIfAborted();
    const position = { file: read.file, line: read.line };
    contents.first ??= { file: read.file, line: 0 };
    if ("broken" in read && !read.torn) contents.broken.push({ ...position, why: read.broken });
    if (!("entry" in read)) continue;
    const why = addEntry(contents, read.entry, position);
    if (why !== undefined) contents.broken.push({ ...position, why });
  }
  return contents;
}

export function documentKey({ taskId, kind, sha256 }: DocumentName): string {
  return `${taskId} ${kind} ${sha256}`;
}

export function fileKey({ taskId, clipId, kind }: FileName): string {
  return `${clipId ?? taskId} ${kind}`;
}

/** True when the text of a document has the stored digest. */
export function matchesDigest({ document, sha256 }: { document: string; sha256: string }): boolean {
  return createHash("sha256").update(document).digest("hex") === sha256;
}

/** Returns why an entry is damaged, undefined when it is not. */
function addEntry(contents: JournalContents, entry: JournalEntry, position: JournalPosition): string | undefined {
  const { documents, current, stored } = contents;
  if (entry.type === "document") {
    if (!matchesDigest(entry)) return "its document does not match its sha256";
    const key = documentKey(entry);
    if (!documents.has(key)) documents.set(key, { ...position, at: entry.at });
    if (isPrimary(entry)) current.set(entry.taskId, key);
  } else if (entry.type === "stored") {
    const { path, bytes, sha256 } = entry;
    stored.set(fileKey(entry), [...(stored.get(fileKey(entry)) ?? []), { path, bytes, sha256 }]);
  } else if (entry.type === "archive") contents.first = position;
  else addDecision(contents, entry);
  return undefined;
}

type Decision = Exclude<JournalEntry, { type: "document" | "stored" | "archive" }>;

/** A later line overrides an earlier one, as when the journal is replayed. */
function addDecision({ tracked, removed, purged, tags }: JournalContents, entry: Decision): void {
  const { type, at } = entry;
  if (type === "track") for (const id of entry.taskIds) tracked.set(id, null);
  else if (type === "untrack") {
    for (const id of entry.taskIds) if (tracked.get(id) === null) tracked.set(id, at);
  } else if (type === "tag") for (const id of entry.clipIds) addTags(tags, id, entry);
  else if (type === "keep") for (const id of entry.clipIds) removed.delete(id);
  else if (type === "remove") for (const id of entry.clipIds) removed.set(id, at);
  else
    for (const id of entry.clipIds) {
      purged.set(id, at);
      tags.delete(id);
    }
}

function addTags(
  tags: JournalContents["tags"],
  id: string,
  { added, removed, at }: Extract<JournalEntry, { type: "tag" }>,
): void {
  const tagsOfClip = tags.get(id) ?? new Map<string, number>();
  for (const tag of added) if (!tagsOfClip.has(tag)) tagsOfClip.set(tag, at);
  for (const tag of removed) tagsOfClip.delete(tag);
  tags.set(id, tagsOfClip);
}
