import { hash } from "node:crypto";
import type { Database } from "../../db/connection.ts";
import type { JournalFileRow } from "../../db/schema.ts";

/** What of each file of the journal the database holds, oldest file first. */
export type Held = JournalFileRow[];

export function readHeld({ $client: client }: Database): Held {
  return client
    .prepare<[], JournalFileRow>("select name, bytes, lines, digest, seq from journal_files order by name")
    .all();
}

/** Records what the database holds of these files. Call it in the transaction that saves the rows of the lines. */
export function saveHeld({ $client: client }: Database, files: Iterable<JournalFileRow>): void {
  const save = client.prepare<[JournalFileRow]>(
    "insert or replace into journal_files (name, bytes, lines, digest, seq) values (@name, @bytes, @lines, @digest, @seq)",
  );
  for (const file of files) save.run(file);
}

/** The number of the last change that is held; 0 when there is none. */
export function lastSeq(held: Held): number {
  return Math.max(0, ...held.map(({ seq }) => seq));
}

/** The running digest with one more line, given without its line break. */
export function nextDigest(digest: string, line: Buffer): string {
  return hash("sha256", Buffer.concat([Buffer.from(digest, "latin1"), line]));
}

/** A file of which nothing is held yet. */
export function nothingOf(name: string): JournalFileRow {
  return { name, bytes: 0, lines: 0, digest: "", seq: 0 };
}
