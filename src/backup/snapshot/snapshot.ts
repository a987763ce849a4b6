import { rm } from "node:fs/promises";
import { join } from "node:path";
import { archiveId } from "../../archive/info.ts";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { archivePath } from "../../db/archive-file.ts";
import { connect, type Database } from "../../db/connection.ts";
import { checkVersion, isArchive, noArchive } from "../../db/identify.ts";
import { IntegrityError } from "../../lib/errors.ts";
import { toStorageError } from "../../lib/files/storage-errors.ts";
import { readArchiveFiles, type ArchiveFile } from "../../query/lists/archive-files.ts";
import { createFile, makeFolder } from "../../lib/files/durable-files.ts";
import { checkDatabase } from "../../db/check-pages.ts";
import { copyJournal } from "./copy-journal.ts";
import { copyQueries } from "./copy-queries.ts";
import { type Sums } from "./sha256sums.ts";
import { flushFolder, flushFile } from "../../lib/files/flush.ts";
import { digestFile } from "../../lib/files/read.ts";

/** The records of an archive as they were at one moment, copied into a folder: `archive.db`, `journal/` and `queries/`. */
export type Snapshot = {
  /** Absolute. */
  folder: string;
  archiveId: string;
  /** Number of the schema. */
  schema: number;
  /** Milliseconds UTC. */
  takenAt: number;
  clips: number;
  /** The files that its rows name, by row; whether they are right where they lie is not said. Paths are relative to the assets folder. */
  files: ArchiveFile[];
  /** Digests of `archive.db` and of each `journal/…`, read back from the folder. */
  sums: Sums;
  /** Of the database and the journal. */
  bytes: number;
};

export type SnapshotDeps = {
  home: string;
  now: () => number;
  signal: AbortSignal;
};

const PAGE = 1000;

/**
 * Copies the records of the archive in `home` into `folder`, which is made when it is not there; an `archive.db` or a
 * `journal/` that an earlier try left in it is replaced. The database comes first, by SQLite itself (VACUUM INTO): one
 * moment of it, whatever writes meanwhile, in journal mode delete, so that it opens from a read-only medium, and checked.
 * Then the journal, which thus holds at least what the database does, in whole lines. Everything is 0600 and flushed.
 * Takes no lock and may run beside a sync. Throws UsageError (no archive), SchemaError, IntegrityError (the database is
 * damaged), DiskError.
 */
export async function writeSnapshot({ home, now, signal }: SnapshotDeps, folder: string): Promise<Snapshot> {
  await makeFolder(folder);
  for (const part of ["journal", "queries"]) await rm(join(folder, part), { recursive: true, force: true });
  const takenAt = now();
  const copy = join(folder, "archive.db");
  await copyDatabase(archivePath(home), copy);
  const journal = await copyJournal(home, folder, signal);
  const queries = await copyQueries(home, folder, signal);
  await flushFolder(folder);
  const sums: Sums = new Map();
  let bytes = 0;
  for (const path of ["archive.db", ...journal, ...queries]) {
    const digest = await digestFile(join(folder, path), signal);
    sums.set(path, digest.sha256);
    bytes += digest.bytes;
  }
  return { folder, takenAt, sums, bytes, ...readSnapshot(copy) };
}

async function copyDatabase(from: string, to: string): Promise<void> {
  if (!isArchive(from)) throw noArchive(from);
  try {
    for (const suffix of ["", "-journal", "-wal", "-shm"]) await rm(to + suffix, { force: true });
    await (await createFile(to)).close();
    const database = connect(from);
    try {
      checkVersion(database, from);
      database.$client.prepare("vacuum into ?").run(to);
    } finally {
      database.$client.close();
    }
    await flushFile(to);
  } catch (error) {
    throw toDiskError(toStorageError(error, /^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(error)) ? from : to), to);
  }
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code);
}

function readSnapshot(copy: string): Pick<Snapshot, "archiveId" | "schema" | "clips" | "files"> {
  const database = connect(copy, { readOnly: true });
  try {
    const problems = checkDatabase(database, true);
    if (problems[0] !== undefined)
      throw new IntegrityError(`the database is damaged: ${problems[0]}`, {
        code: "database_damaged",
        hint: "restore it from an earlier backup; the journal and the files beside it are untouched",
      });
    return {
      archiveId: archiveId(database),
      schema: checkVersion(database, copy),
      clips: Number(database.$client.prepare("select count(*) from clips").pluck().get()),
      files: allFiles(database),
    };
  } finally {
    database.$client.close();
  }
}

/** Two rows may name one file. */
function allFiles(database: Database): ArchiveFile[] {
  const byPath = new Map<string, ArchiveFile>();
  for (let after = 0; ;) {
    const page = readArchiveFiles(database, after, PAGE);
    for (const file of page) if (!byPath.has(file.path)) byPath.set(file.path, file);
    if (page.length < PAGE) return [...byPath.values()];
    after = page.at(-1)?.id ?? after;
  }
}
