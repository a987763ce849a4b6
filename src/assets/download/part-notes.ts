import { readFile, writeFile } from "node:fs/promises";
import type { ResponseFacts } from "./response.ts";

/** Beside a part: which version of which URL it is a part of. */
export type PartNotes = { url: string; facts: ResponseFacts };

/** Writes notes where none are yet. */
export async function writeNotes(place: string, notes: PartNotes): Promise<void> {
  await writeFile(place, JSON.stringify(notes), { mode: 0o600, flag: "wx" });
}

/** What lies at `place`, null when nothing does. What cannot be read comes back as notes that fit no URL. */
export async function readNotes(place: string): Promise<PartNotes | null> {
  const text = await readFile(place, "utf8").catch(() => null);
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
