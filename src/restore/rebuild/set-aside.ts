import { renameSync } from "node:fs";
import { join } from "node:path";
import { journalPath } from "../../archive/journal/read.ts";
import { rewriteJournal } from "../../archive/journal/rewrite.ts";
import type { DamagedLine } from "../../archive/replay.ts";
import type { ReplayedJournal } from "../../archive/replay-journal.ts";
import type { Database } from "../../db/connection.ts";
import { flushFolderSync } from "../../lib/files/flush.ts";
import { freeName } from "../../lib/files/free-name.ts";

/** A line that cannot be read is of no use where it is. It is kept, byte for byte, in `<file>.bad`. */
export function moveDamagedLines(home: string, db: Database, damaged: DamagedLine[]): void {
  if (damaged.length === 0) return;
  const lines = new Set(damaged.map(({ file, line }) => `${file} ${line}`));
  rewriteJournal(home, db, (text, { file, line }) => (lines.has(`${file} ${line}`) ? "" : text), ".bad");
}

/** Beside the journal a file of another archive is left alone. */
export function moveForeignFiles(home: string, foreign: ReplayedJournal["foreign"]): void {
  for (const { file } of foreign) renameSync(journalPath(home, file), freeName(`${journalPath(home, file)}.foreign`));
  if (foreign.length > 0) flushFolderSync(join(home, "journal"));
}
