import { readFile, writeFile } from "node:fs/promises";
import type { Facts } from "./response.ts";

/** Beside a part: which version of which URL it is a part of. */
export type Notes = { url: string; facts: Facts };

/** Writes notes where none are yet. */
export async function writeNotes(place: string, notes: Notes): Promise<void> {
  await writeFile(place, JSON.stringify(notes), { mode: 0o600, flag: "wx" });
}

/** What lies at `place`, null when nothing does. What cannot be read comes back as notes that fit no URL. */
export async function readNotes(place: string): Promise<Notes | null> {
  const text = await readFile(place, "utf8").catch(() => null);
  if (text === null) return null;
  try {
    const notes = JSON.parse(text) as Notes;
    return typeof notes.url === "string" && Array.isArray(notes.facts.googHashes)
      ? notes
      : { url: "", facts: notes.facts };
  } catch {
    return { url: "", facts: NO_FACTS };
  }
}

const NO_FACTS: Facts = {
  totalBytes: null,
  contentType: null,
  etag: null,
  lastModified: null,
  googHashes: [],
  hashesDiffer: false,
};
