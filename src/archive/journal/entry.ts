import type { EntriesChange, PlaylistEntry } from "../marks/edit-entries.ts";
import type { StoredFacts } from "../stored-facts.ts";

/** What one line of the journal says. Times are milliseconds UTC. */
export type JournalEntry =
  | { type: "archive"; at: number; archiveId: string; createdAt: string; kind: string }
  | {
      type: "document";
      at: number;
      service: string;
      taskId: string;
      kind: "record" | "result";
      sha256: string;
      document: string;
      /** Only present for an additional copy in one response, which is saved as a version and never becomes current. */
      stands?: false;
    }
  | ({ type: "stored"; at: number; taskId: string; clipId: string | null; kind: string } & StoredFacts)
  | { type: "remove" | "keep" | "purge"; at: number; clipIds: string[] }
  | { type: "tag"; at: number; clipIds: string[]; added: string[]; removed: string[] }
  | { type: "mark"; at: number; clipIds: string[]; change: MarkChange }
  | { type: "playlist"; at: number; id: string; change: PlaylistChange }
  | { type: "track"; at: number; service: string; source: string; taskIds: string[] }
  | { type: "untrack"; at: number; taskIds: string[] };

/** What was done to the marks of clips; the last one, all marks of a clip at once, is written by a rebuild. */
export type MarkChange =
  | { starred: boolean }
  /** 1 to 5, 0 for none. */
  | { rating: number }
  /** One more play. */
  | { playedAt: number }
  | { starredAt: number | null; rating: number; plays: number; lastPlayedAt: number | null };

/** What was done to a playlist; `restore`, all of it at once, is written by a rebuild. */
export type PlaylistChange =
  | EntriesChange
  | { do: "create"; name: string; comment: string; clipIds: string[] }
  | { do: "describe"; name?: string; comment?: string }
  | { do: "delete" }
  | {
      do: "restore";
      name: string;
      comment: string;
      createdAt: number;
      changedAt: number;
      entries: PlaylistEntry[];
    };

export type DocumentEntry = Extract<JournalEntry, { type: "document" }>;

/** False for a document that is only a further version: it never becomes the current one of its task. */
export function isPrimary({ stands }: DocumentEntry): boolean {
  return stands !== false;
}

/** Appends lines, which are on the disk when it returns. `at` (milliseconds UTC) chooses the file. Throws DiskError. */
export type Append = (entries: JournalEntry[], at: number) => void;

export type Journal = {
  /**
   * Runs `work` in one transaction: the lines that it appends and the rows that it changes are kept together or not at
   * all. Inside of another `write` it is a part of that. `work` must be synchronous.
   */
  write<T>(work: (append: Append) => T): T;
};
