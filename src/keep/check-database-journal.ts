import { createHash } from "node:crypto";
import type { JournalEntry } from "../archive/journal.ts";
import { readJournal } from "../archive/read-journal.ts";

/** What the journal tells of, as far as the database is held against it. */
export type JournalContents = {
  /** `documentKey` of every document that stands in it whole. */
  documents: Set<string>;
  tracked: Set<string>;
  /** Clips that their owner took out. */
  removed: Set<string>;
  /** `tagKey` of every tag that was ever put on a clip. */
  tagged: Set<string>;
  /** By `fileKey`, in the order in which they were stored. */
  stored: Map<string, FileTold[]>;
  /** Lines that say nothing. What a crash cut is none of them. */
  broken: { file: string; line: number; why: string }[];
};

type DocumentName = { taskId: string; kind: string; sha256: string };
type FileName = { taskId: string; clipId: string | null; kind: string };

/** What a line says of a file. */
export type FileTold = { path: string | null; bytes: number | null; sha256: string | null };

/** Reads the journal once; keeps a digest of each document and no text. Throws DiskError. */
export function readJournalContents(home: string, signal: AbortSignal): JournalContents {
  const contents: JournalContents = {
    documents: new Set(),
    tracked: new Set(),
    removed: new Set(),
    tagged: new Set(),
    stored: new Map(),
    broken: [],
  };
  for (const line of readJournal(home)) {
    signal.throwIfAborted();
    const { file, line: number } = line;
    if ("broken" in line && !line.torn) contents.broken.push({ file, line: number, why: line.broken });
    if (!("entry" in line)) continue;
    const why = take(contents, line.entry);
    if (why !== undefined) contents.broken.push({ file, line: number, why });
  }
  return contents;
}

export function documentKey({ taskId, kind, sha256 }: DocumentName): string {
  return `${taskId} ${kind} ${sha256}`;
}

export function fileKey({ taskId, clipId, kind }: FileName): string {
  return `${clipId ?? taskId} ${kind}`;
}

export function tagKey(clipId: string, tag: string): string {
  return `${clipId} ${tag}`;
}

/** True when the text of a document is the one that its digest was taken of. */
export function fitsDigest({ document, sha256 }: { document: string; sha256: string }): boolean {
  return createHash("sha256").update(document).digest("hex") === sha256;
}

/** Says why an entry cannot be believed. */
function take(
  { documents, tracked, removed, tagged, stored }: JournalContents,
  entry: JournalEntry,
): string | undefined {
  if (entry.type === "document") {
    if (!fitsDigest(entry)) return "its document does not fit its sha256";
    documents.add(documentKey(entry));
  } else if (entry.type === "track") for (const id of entry.taskIds) tracked.add(id);
  else if (entry.type === "remove") for (const id of entry.clipIds) removed.add(id);
  else if (entry.type === "keep") for (const id of entry.clipIds) removed.delete(id);
  else if (entry.type === "tag") {
    for (const id of entry.clipIds) for (const tag of entry.added) tagged.add(tagKey(id, tag));
  } else if (entry.type === "stored") {
    const { path, bytes, sha256 } = entry;
    stored.set(fileKey(entry), [...(stored.get(fileKey(entry)) ?? []), { path, bytes, sha256 }]);
  }
  return undefined;
}
