import { existsSync } from "node:fs";
import { archiveFacts } from "../../archive/info.ts";
import { readHeld, type Held } from "../../archive/journal/held.ts";
import { journalFiles } from "../../archive/journal/read.ts";
import { journalFacts } from "../../archive/replay-journal.ts";
import { markerOf } from "../../assets/store/marker.ts";
import { archivePath, type ArchiveFacts } from "../../db/archive-file.ts";
import { connect, type Database } from "../../db/connection.ts";
import { UsageError } from "../../lib/errors.ts";
import type { OldDatabase } from "./rescue.ts";

/** The journal's own id is right, whatever a database says that came to lie beside it. */
export async function findFacts(
  { home, assets, now }: { home: string; assets: string; now: () => number },
  old: OldDatabase | undefined,
): Promise<ArchiveFacts> {
  const known = old ? archiveFacts(old.db) : {};
  const marked = await markerOf(assets);
  const journaled = journalFacts(home, [known.archive_id, marked]);
  return {
    archive_id: journaled?.archive_id ?? known.archive_id ?? marked ?? crypto.randomUUID(),
    created_at: journaled?.created_at ?? known.created_at ?? new Date(now()).toISOString(),
    kind: journaled?.kind ?? known.kind ?? "library",
  };
}

/** Undefined when there is none, or none that can be read. */
export function openOld(path: string): OldDatabase | undefined {
  let db: Database | undefined;
  try {
    db = connect(path);
    archiveFacts(db);
    return { db, held: readHeldOf(db) };
  } catch {
    db?.$client.close();
    return undefined;
  }
}

function readHeldOf(db: Database): Held | undefined {
  try {
    return readHeld(db);
  } catch {
    return undefined;
  }
}

/** Throws UsageError when there is nothing in `home` to make a database from. */
export function requireSource(home: string): void {
  if (!existsSync(archivePath(home))) requireJournal(home);
}

/** Throws UsageError when there is no journal. */
export function requireJournal(home: string): void {
  if (journalFiles(home).length > 0) return;
  throw new UsageError(`there is no journal in ${home}: nothing to rebuild the database from`, {
    code: "no_journal",
    hint: "name the archive's folder with --home, or `producer-mirror restore` a backup",
  });
}
