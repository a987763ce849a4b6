import { readFile, writeFile } from "node:fs/promises";
import type { ResponseFacts } from "./response.ts";

/** Stored beside a part: the version and URL of its file. */
export type PartNotes = { url: string; facts: ResponseFacts };

/** Writes new notes; fails when there are some already. */
export async function writeNotes(path: string, notes: PartNotes): Promise<void> {
  await writeFile(path, JSON.stringify(notes), { mode: 0o600, flag: "wx" });
}

/** The notes at `path`; null when there are none. Unreadable notes are returned as notes that fit no URL. */
export async function readNotes(path: string): Promise<PartNotes | null> {
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) return null;
  try {
    const notes = JSON.parse(text) as PartNotes;
    return typeof notes.url === "string" && Array.isArray(notes.facts.googHashes)
      ? notes
      : { url: "", facts: notes.facts };
  } catch {
    return { url: "", facts: NO_FACTS };
  }
}

const NO_FACTS: ResponseFacts = {
  totalBytes: null,
  contentType: null,
  etag: null,
  lastModified: null,
  googHashes: [],
  hashesDiffer: false,
};
