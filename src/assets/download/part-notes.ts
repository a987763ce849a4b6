import { readFile, rm, writeFile } from "node:fs/promises";
import type { ResponseFacts } from "./response.ts";

/** Stored beside a part: the version and URL of its file, and what may be made of it. */
export type PartNotes = {
  url: string;
  facts: ResponseFacts;
  /** So many of its bytes were flushed before this was written. Those behind them may be zeros after a power cut. */
  bytes: number;
  /** Requests for the rest, one after another, that brought no answer to it. */
  failedResumes: number;
};

/** Replaces the notes. A crash in between leaves none, and the part is not resumed. */
export async function writeNotes(path: string, notes: PartNotes): Promise<void> {
  await rm(path, { force: true });
  await writeFile(path, JSON.stringify(notes), { mode: 0o600, flag: "wx" });
}

/** The notes at `path`; `exists` is true also for those that cannot be read, which are null. */
export async function readNotes(path: string): Promise<{ exists: boolean; notes: PartNotes | null }> {
  const text = await readFile(path, "utf8").catch(() => null);
  return { exists: text !== null, notes: text === null ? null : parse(text) };
}

/** Notes that were written otherwise, by an older version too, count as none: the part is downloaded again. */
function parse(text: string): PartNotes | null {
  try {
    const { url, facts, bytes, failedResumes } = JSON.parse(text) as PartNotes;
    const isWhole = typeof url === "string" && Number.isSafeInteger(bytes) && Array.isArray(facts.digests);
    return isWhole && typeof failedResumes === "number" ? { url, facts, bytes, failedResumes } : null;
  } catch {
    return null;
  }
}
