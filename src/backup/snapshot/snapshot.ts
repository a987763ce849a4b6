import { constants } from "node:fs";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { archiveId } from "../../archive/info.ts";
import { readHeld, type Held } from "../../archive/journal/held.ts";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { archivePath } from "../../db/archive-file.ts";
import { connect, type Database } from "../../db/connection.ts";
import { checkVersion, connectArchive, noArchive } from "../../db/identify.ts";
import { IntegrityError } from "../../lib/errors.ts";
import { toStorageError } from "../../lib/files/storage-errors.ts";
import { UNREADABLE, unreadableNames } from "../../archive/unreadable.ts";
import { countSongs } from "../../query/lists/count-songs.ts";
import { readArchiveFiles, type ArchiveFile } from "../../query/lists/archive-files.ts";
import { QUERIES, queryNames } from "../../query/sql/saved-queries.ts";
import { copyDurably, createFile, makeFolder } from "../../lib/files/durable-files.ts";
import { checkDatabase } from "../../db/check-pages.ts";
import { copyJournal } from "./copy-journal.ts";
import { type Sums } from "./sha256sums.ts";
import { flushFolder, flushFile } from "../../lib/files/flush.ts";
import { digestFile } from "../../lib/files/read.ts";

/** The records of an archive at one moment, copied into a folder: `archive.db`, `journal/`, `queries/` and `unreadable/`. */
export type Snapshot = {
  /** Absolute. */
  folder: string;
  archiveId: string;
  /** Number of the schema. */
  schema: number;
  /** Milliseconds UTC. */
  takenAt: number;
  clips: number;
  /** The files that its rows name; they may be missing or damaged. Paths are relative to the assets folder. */
  files: ArchiveFile[];
  /** Digests of `archive.db` and of each file in the folders beside it, read back from the folder. */
  sums: Sums;
};

export type SnapshotDeps = {
  home: string;
  now: () => number;
  signal: AbortSignal;
};

const PAGE = 1000;

/**
 * Copies the records of the archive in `home` into `folder`, which is made if need be; what an interrupted snapshot left
 * in it is replaced. First the database, by SQLite itself (VACUUM INTO): one moment of it, whatever writes meanwhile, in
 * journal mode delete, so that it opens from a read-only disk; the copy is checked. Then the journal, as far as that copy
 * holds it. All files are 0600 and flushed. Takes no lock and may run beside a sync.
 * Throws UsageError (no archive), SchemaError, IntegrityError (the database is damaged), DiskError.
 */
export async function writeSnapshot({ home, now, signal }: SnapshotDeps, folder: string): Promise<Snapshot> {
  await makeFolder(folder);
  for (const part of ["journal", QUERIES, UNREADABLE]) await rm(join(folder, part), { recursive: true, force: true });
  const takenAt = now();
  const copy = join(folder, "archive.db");
  await copyDatabase(archivePath(home), copy);
  const journal = await copyJournal(home, folder, heldBy(copy), signal);
  const texts = [
    ...(await copyTexts(
      home,
      folder,
      QUERIES,
      queryNames(home).map((name) => `${name}.sql`),
      signal,
    )),
    ...(await copyTexts(home, folder, UNREADABLE, unreadableNames(home), signal)),
  ];
  await flushFolder(folder);
  const sums: Sums = new Map();
  for (const path of ["archive.db", ...journal, ...texts])
    sums.set(path, (await digestFile(join(folder, path), signal)).sha256);
  return { folder, takenAt, sums, ...readSnapshot(copy) };
}

function heldBy(path: string): Held {
  const database = connect(path, { readOnly: true });
  try {
    return readHeld(database);
  } finally {
    database.$client.close();
  }
}

async function copyDatabase(from: string, to: string): Promise<void> {
  try {
    for (const suffix of ["", "-journal", "-wal", "-shm"]) await rm(to + suffix, { force: true });
    await (await createFile(to)).close();
    const database = connectArchive(from);
    if (!database) throw noArchive(from);
    try {
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

/** Copies files of a folder of `home` into the same one of `folder`. Returns their paths relative to it. Throws DiskError. */
async function copyTexts(
  home: string,
  folder: string,
  part: string,
  names: string[],
  signal: AbortSignal,
): Promise<string[]> {
  if (names.length === 0) return [];
  await makeFolder(join(folder, part));
  const paths = names.map((name) => `${part}/${name}`);
  for (const path of paths) await copyText(join(home, path), join(folder, path), signal);
  await flushFolder(join(folder, part));
  return paths;
}

async function copyText(from: string, to: string, signal: AbortSignal): Promise<void> {
  try {
    await using source = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW);
    await copyDurably(source, to, signal);
  } catch (error) {
    throw signal.aborted ? error : toDiskError(error, from);
  }
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
      clips: countSongs(database).clips,
      files: allFiles(database),
    };
  } finally {
    database.$client.close();
  }
}

/** One entry for each path: two rows may name one file. */
function allFiles(database: Database): ArchiveFile[] {
  const byPath = new Map<string, ArchiveFile>();
  for (let after = 0; ;) {
    const page = readArchiveFiles(database, after, PAGE);
    for (const file of page) if (!byPath.has(file.path)) byPath.set(file.path, file);
    if (page.length < PAGE) return [...byPath.values()];
    after = page.at(-1)?.id ?? after;
  }
}
