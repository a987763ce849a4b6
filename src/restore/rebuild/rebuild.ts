import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { archiveFacts } from "../../archive/info.ts";
import type { JournalEntry } from "../../archive/journal/journal.ts";
import { journalFiles, readJournal } from "../../archive/journal/read.ts";
import { openStore } from "../../assets/store/store.ts";
import { markerOf } from "../../assets/store/marker.ts";
import { archivePath, buildArchiveFile, type ArchiveFacts } from "../../db/archive-file.ts";
import { connect, type Database } from "../../db/connection.ts";
import { IntegrityError, UsageError } from "../../lib/errors.ts";
import { flushFileSync } from "../../lib/files/flush.ts";
import { formatTimestamp } from "../../backup/generations.ts";
import { checkDatabase } from "../../db/check-pages.ts";
import { findFiles, type FilesFound } from "./find-files.ts";
import { replayJournal, type ReplayResult } from "./replay-journal.ts";
import { swapDatabase } from "./swap-database.ts";

export type RebuildDeps = {
  home: string;
  assets: string;
  now: () => number;
  signal: AbortSignal;
  onProgress: (progress: { step: "lines" | "files"; done: number }) => void;
};

export type RebuildReport = Pick<ReplayResult, "lines" | "documents" | "damaged" | "torn" | "unknown"> & {
  tracked: number;
  tasks: number;
  clips: number;
  assets: FilesFound;
  /** The path of the old database; null when there was none, and in a dry run. */
  before: string | null;
};

/**
 * Builds a new database from the journal and the files, without network. It is built beside the old database, checked, and
 * then replaces it. The old one is kept under another name. What is not in the journal is lost: the history of runs, failed
 * attempts, verifies and backups. The caller holds the lock. Throws UsageError when there is no journal, IntegrityError when
 * the new database has a problem, DiskError.
 */
export async function rebuild(deps: RebuildDeps, { dryRun = false } = {}): Promise<RebuildReport> {
  const { home } = deps;
  requireJournal(home);
  const path = archivePath(home);
  if (dryRun) return inTemporaryFolder((fresh) => build(fresh, path, deps));
  const fresh = `${path}.new`;
  try {
    const report = await build(fresh, path, deps);
    flushFileSync(fresh);
    return { ...report, before: swapDatabase(path, fresh, formatTimestamp(deps.now())) };
  } finally {
    for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(fresh + suffix, { force: true });
  }
}

/** A dry run creates no file in the home. */
async function inTemporaryFolder(work: (fresh: string) => Promise<RebuildReport>): Promise<RebuildReport> {
  const folder = mkdtempSync(join(tmpdir(), "producer-mirror-"));
  try {
    return await work(join(folder, "archive.db"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function build(fresh: string, old: string, deps: RebuildDeps): Promise<RebuildReport> {
  buildArchiveFile(fresh, await findFacts(deps, old));
  return fill(fresh, deps);
}

async function fill(fresh: string, deps: RebuildDeps): Promise<RebuildReport> {
  const db = connect(fresh);
  try {
    const { signal, onProgress, now } = deps;
    const replayed = replayJournal(db, { ...deps, onLine: (done) => onProgress({ step: "lines", done }) });
    const store = openStore(deps.assets, String(archiveFacts(db).archive_id));
    const onFile = (done: number) => onProgress({ step: "files", done });
    const assets = await findFiles(db, store, replayed.stored, { now: now(), signal, onFile });
    const problems = checkDatabase(db, true);
    if (problems.length > 0) throw new IntegrityError(`the rebuilt database has a problem: ${problems[0]}`);
    const { lines, documents, damaged, torn, unknown } = replayed;
    return { lines, documents, damaged, torn, unknown, ...countRows(db), assets, before: null };
  } finally {
    db.$client.close();
  }
}

function countRows(db: Database): { tracked: number; tasks: number; clips: number } {
  return db.get(sql`select (select count(*) from tracked_tasks where untracked_at is null) as tracked,
    (select count(*) from tasks) as tasks, (select count(*) from clips) as clips`);
}

/** From the old database if it can be read, else from the journal's first line, else from the marker of the assets folder. */
async function findFacts({ home, assets, now }: RebuildDeps, path: string): Promise<ArchiveFacts> {
  const first = firstEntry(home);
  const journaled = first?.type === "archive" ? first : undefined;
  const old = readFacts(path);
  return {
    archive_id: old.archive_id ?? journaled?.archiveId ?? (await markerOf(assets)) ?? crypto.randomUUID(),
    created_at: old.created_at ?? journaled?.createdAt ?? new Date(first?.at ?? now()).toISOString(),
    kind: old.kind ?? journaled?.kind ?? "library",
  };
}

function readFacts(path: string): Partial<ArchiveFacts> {
  try {
    const db = connect(path, { readOnly: true });
    try {
      return archiveFacts(db);
    } finally {
      db.$client.close();
    }
  } catch {
    return {};
  }
}

function firstEntry(home: string): JournalEntry | undefined {
  for (const line of readJournal(home)) if ("entry" in line) return line.entry;
  return undefined;
}

/** Throws UsageError when there is no journal. */
export function requireJournal(home: string): void {
  if (journalFiles(home).length > 0) return;
  throw new UsageError(`there is no journal in ${home}: nothing to rebuild the database from`, {
    code: "no_journal",
    hint: "name the archive's folder with --home, or `producer-mirror restore` a backup",
  });
}
