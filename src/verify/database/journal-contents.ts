import { createHash } from "node:crypto";
import type { JournalEntry } from "../../archive/journal/journal.ts";
import type { LinePlace } from "../../archive/journal/mend.ts";
import { readJournal } from "../../archive/journal/read.ts";

/** What the journal tells of, as far as the database is held against it. Times are milliseconds UTC. */
export type JournalContents = {
  /** Where each document stands in it whole for the first time, and when that was, by `documentKey`. */
  documents: Map<string, LinePlace & { at: number }>;
  /** `documentKey` of the document that each task was last told to have, further copies of one answer left out. */
  standing: Map<string, string>;
  /** Each id that was ever tracked; when it was untracked, null while it is not. */
  tracked: Map<string, number | null>;
  /** Clips that their owner took out, and when. */
  removed: Map<string, number>;
  /** Clips whose texts their owner had blanked, and when. */
  purged: Map<string, number>;
  /** The tags that each clip has, and when they were given. */
  tags: Map<string, Map<string, number>>;
  /** By `fileKey`, in the order in which they were stored. */
  stored: Map<string, FileTold[]>;
  /** Behind the line that says whose the archive is, else before all others; undefined where there is no journal. */
  first: LinePlace | undefined;
  /** Lines that say nothing. What a crash cut is none of them. */
  broken: (LinePlace & { why: string })[];
};

type DocumentName = { taskId: string; kind: string; sha256: string };
type FileName = { taskId: string; clipId: string | null; kind: string };

/** What a line says of a file. */
export type FileTold = { path: string | null; bytes: number | null; sha256: string | null };

/** Reads the journal once; keeps a digest of each document and no text. Throws DiskError. */
export function readJournalContents(home: string, signal: AbortSignal): JournalContents {
  const contents: JournalContents = {
    documents: new Map(),
    standing: new Map(),
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
    const place = { file: read.file, line: read.line };
    contents.first ??= { file: read.file, line: 0 };
    if ("broken" in read && !read.torn) contents.broken.push({ ...place, why: read.broken });
    if (!("entry" in read)) continue;
    const why = take(contents, read.entry, place);
    if (why !== undefined) contents.broken.push({ ...place, why });
  }
  return contents;
}

export function documentKey({ taskId, kind, sha256 }: DocumentName): string {
  return `${taskId} ${kind} ${sha256}`;
}

export function fileKey({ taskId, clipId, kind }: FileName): string {
  return `${clipId ?? taskId} ${kind}`;
}

/** True when the text of a document is the one that its digest was taken of. */
export function fitsDigest({ document, sha256 }: { document: string; sha256: string }): boolean {
  return createHash("sha256").update(document).digest("hex") === sha256;
}

/** Says why an entry cannot be believed. */
function take(contents: JournalContents, entry: JournalEntry, place: LinePlace): string | undefined {
  const { documents, standing, stored } = contents;
  if (entry.type === "document") {
    if (!fitsDigest(entry)) return "its document does not fit its sha256";
    const key = documentKey(entry);
    if (!documents.has(key)) documents.set(key, { ...place, at: entry.at });
    if (entry.stands !== false) standing.set(entry.taskId, key);
  } else if (entry.type === "stored") {
    const { path, bytes, sha256 } = entry;
    stored.set(fileKey(entry), [...(stored.get(fileKey(entry)) ?? []), { path, bytes, sha256 }]);
  } else if (entry.type === "archive") contents.first = place;
  else takeMark(contents, entry);
  return undefined;
}

type Mark = Exclude<JournalEntry, { type: "document" | "stored" | "archive" }>;

/** The last word counts, as when the lines are replayed. */
function takeMark({ tracked, removed, purged, tags }: JournalContents, entry: Mark): void {
  const { type, at } = entry;
  if (type === "track") for (const id of entry.taskIds) tracked.set(id, null);
  else if (type === "untrack") {
    for (const id of entry.taskIds) if (tracked.get(id) === null) tracked.set(id, at);
  } else if (type === "tag") for (const id of entry.clipIds) takeTags(tags, id, entry);
  else if (type === "keep") for (const id of entry.clipIds) removed.delete(id);
  else if (type === "remove") for (const id of entry.clipIds) removed.set(id, at);
  else
    for (const id of entry.clipIds) {
      purged.set(id, at);
      tags.delete(id);
    }
}

function takeTags(
  tags: JournalContents["tags"],
  id: string,
  { added, removed, at }: Extract<JournalEntry, { type: "tag" }>,
): void {
  const own = tags.get(id) ?? new Map<string, number>();
  for (const tag of added) if (!own.has(tag)) own.set(tag, at);
  for (const tag of removed) own.delete(tag);
  tags.set(id, own);
}
