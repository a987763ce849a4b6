import { lstatSync } from "node:fs";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { toDiskError } from "../lib/files/disk-errors.ts";
import { connect, type Database } from "../db/connection.ts";
import { DiskError } from "../lib/errors.ts";
import { inParallel } from "../lib/concurrency.ts";
import { toStorageError } from "../lib/files/storage-errors.ts";
import { NOT_A_FILE, digestFile, type Digest } from "../lib/files/read.ts";
import { checkDatabase } from "../db/check-pages.ts";
import { findFiles } from "./find-files.ts";
import { INFO_FILE, readInfo, type BackupInfo } from "./snapshot/manifest.ts";
import { readSums, SUMS_FILE, type Sums } from "./snapshot/sha256sums.ts";

/** A missing or changed file of a backup. `path` is relative to the generation. */
export type Damage = {
  path: string;
  kind: string | null;
  clipId: string | null;
  title: string | null;
  reason: string;
};

export type BackupCheck = {
  /** Of the generation, absolute. */
  folder: string;
  /** Null when `backup.json` is missing or damaged. */
  info: BackupInfo | null;
  /** Digests of the files that are right, by path relative to the generation. */
  good: Sums;
  /** Of the files that are right. */
  bytes: number;
  damaged: Damage[];
  /** What lies in it and is none of its files, left alone: of the system, such as `Thumbs.db`, or of a person. */
  foreign: string[];
  /** True when the database can be read, even if it changed since it was written. */
  databaseUsable: boolean;
};

export type CheckProgress = { checked: number; total: number; bytes: number };

export type CheckDeps = {
  signal: AbortSignal;
  onProgress: (progress: CheckProgress) => void;
  /** Digests by disk and inode: with one map for several checks, files that generations share are read once. */
  read?: Map<string, Digest>;
};

type Row = { path: string; sha256: string | null; kind: string; clipId: string | null; title: string | null };

const WIDTH = 4;

/**
 * Reads every file of one generation of a backup (or of any folder of the same layout) and compares it with the list
 * that was written with it; where list and file differ, the row in its database decides which of them is right. What
 * neither names is foreign, and no damage. Checks
 * the database too. Changes nothing, and needs no archive. Throws DiskError when a file cannot be read.
 */
export async function checkBackup(folder: string, deps: CheckDeps): Promise<BackupCheck> {
  const { sums, bad, why } = await readSums(folder);
  const rows = readRows(folder);
  const { files: found, foreign } = await findFiles(folder);
  const info = await readInfo(folder);
  const check: BackupCheck = {
    folder,
    info,
    good: new Map(),
    bytes: 0,
    damaged: listProblems(bad, why),
    foreign,
    databaseUsable: rows.usable,
  };
  const isWhole = check.damaged.length === 0 && listsAll(sums, info);
  const isForeign = (path: string) =>
    !sums.has(path) && !rows.byPath.has(path) && (isWhole || (rows.usable && !OURS.test(path)));
  foreign.push(...found.filter(isForeign));
  foreign.sort();
  const paths = [...new Set([...sums.keys(), ...found.filter((path) => !isForeign(path))])];
  let checked = 0;
  await inParallel(paths, WIDTH, async (path) => {
    await checkOne(check, path, { listed: sums.get(path), row: rows.byPath.get(path), hasList: sums.size > 0 }, deps);
    deps.onProgress({ checked: ++checked, total: paths.length, bytes: check.bytes });
  });
  checkWhole(check, sums, rows.problem);
  check.damaged.sort((one, other) => (one.path < other.path ? -1 : 1));
  return check;
}

/** Names that only this program gives: without a whole list they are taken for its files. */
const OURS = /^(archive\.db|backup\.json|journal\/.*\.ndjson|queries\/.*|unreadable\/.*|assets\/\.producer-mirror)$/;

function listsAll(sums: Sums, info: BackupInfo | null): boolean {
  return sums.has("archive.db") && sums.has(INFO_FILE) && info !== null && countAssets(sums) === info.files;
}

function countAssets(sums: Sums): number {
  return [...sums.keys()].filter((path) => /^assets\/[^.]/.test(path)).length;
}

/** `listed`: the digest in the list. `hasList`: the backup has a list that can be read. */
type Expected = { listed: string | undefined; row: Row | undefined; hasList: boolean };

async function checkOne(check: BackupCheck, path: string, expected: Expected, deps: CheckDeps): Promise<void> {
  const { listed, row, hasList } = expected;
  const actual = (await isBehindSymlink(check.folder, path))
    ? NOT_A_FILE
    : await digestOnce(join(check.folder, path), deps);
  const bad = (where: string, reason: string) => void check.damaged.push(damageOf(where, reason, row));
  if (typeof actual === "string") return bad(path, actual);
  const isRight = actual.sha256 === listed || (row ? actual.sha256 === row.sha256 : listed === undefined);
  if (isRight) {
    check.good.set(path, actual.sha256);
    check.bytes += actual.bytes;
    if (hasList && listed === undefined) bad(SUMS_FILE, `does not list ${path}`);
    else if (listed !== undefined && listed !== actual.sha256)
      bad(SUMS_FILE, `its line for ${path} is wrong: the file is as its row records it`);
  } else if (listed === undefined) bad(path, `its bytes changed: sha256 ${actual.sha256}, stored as ${row?.sha256}`);
  else bad(path, `its bytes changed: sha256 ${actual.sha256}, written as ${listed}`);
}

/** Checks of the backup as a whole: the parts that every backup has, and the number of files. */
function checkWhole(check: BackupCheck, sums: Sums, databaseProblem: string | undefined): void {
  const { damaged, info, good } = check;
  const bad = (path: string, reason: string) => void damaged.push(damageOf(path, reason, undefined));
  const known = (path: string) => damaged.some((one) => one.path === path);
  if (databaseProblem !== undefined) bad("archive.db", databaseProblem);
  if (databaseProblem !== undefined) good.delete("archive.db");
  if (info === null && !known(INFO_FILE)) bad(INFO_FILE, good.has(INFO_FILE) ? "cannot be read" : "not there");
  if (info === null || sums.size === 0) return;
  const files = countAssets(sums);
  if (files !== info.files && !known(SUMS_FILE))
    bad(SUMS_FILE, `lists ${files} files, ${INFO_FILE} says ${info.files}`);
}

function listProblems(badLines: string[], why: string | undefined): Damage[] {
  const reasons = badLines.map((line) => `a line of it cannot be read: ${JSON.stringify(line)}`);
  return [...reasons, ...(why === undefined ? [] : [why])].map((reason) => damageOf(SUMS_FILE, reason, undefined));
}

/** The file rows of the database in the backup; older schemas have the same columns. */
function readRows(folder: string): { byPath: Map<string, Row>; usable: boolean; problem: string | undefined } {
  const byPath = new Map<string, Row>();
  const path = join(folder, "archive.db");
  // The target of a symlink is not part of the backup; the symlink itself is reported with the other files.
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false)
    return { byPath, usable: false, problem: undefined };
  try {
    const database = connect(path, { readOnly: true });
    try {
      const view = viewForTable(database);
      if (view !== undefined) return { byPath, usable: false, problem: view };
      const [problem] = checkDatabase(database, true);
      const rows = database.$client
        .prepare<[], Row>(
          `select path, sha256, kind, clip_id as "clipId", coalesce(clips.title, tasks.title) as title from assets
          left join clips on clips.id = clip_id left join tasks on tasks.id = assets.task_id where path is not null`,
        )
        .iterate();
      for (const row of rows) byPath.set(`assets/${row.path}`, row);
      return { byPath, usable: problem === undefined, problem };
    } finally {
      database.$client.close();
    }
  } catch (error) {
    const { message } = toStorageError(error, path) as Error;
    return { byPath, usable: false, problem: message };
  }
}

/** A view instead of a table could run forever when it is read. */
function viewForTable({ $client }: Database): string | undefined {
  const name = $client
    .prepare<[], string>(
      "select name from sqlite_schema where type = 'view' and lower(name) in ('archive_info', 'assets', 'clips', 'tasks')",
    )
    .pluck()
    .get();
  return name === undefined ? undefined : `not a database of this program: its ${name} is a view`;
}

/** Whether a folder in the path is a symlink: the files in its target are not part of the backup. */
async function isBehindSymlink(folder: string, path: string): Promise<boolean> {
  const parts = path.split("/").slice(0, -1);
  for (const at of parts.keys()) {
    const entry = await lstat(join(folder, ...parts.slice(0, at + 1))).catch(() => null);
    if (entry?.isSymbolicLink()) return true;
  }
  return false;
}

/** The digest of a file, or why there is none; a file with several names is read once. */
async function digestOnce(path: string, { read, signal }: CheckDeps): Promise<Digest | string> {
  signal.throwIfAborted();
  try {
    const entry = await lstat(path, { bigint: true });
    if (!entry.isFile()) return NOT_A_FILE;
    const key = `${entry.dev}:${entry.ino}`;
    const known = read?.get(key);
    if (known) return known;
    const digest = await digestFile(path, signal);
    read?.set(key, digest);
    return digest;
  } catch (error) {
    if (signal.aborted) throw error;
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "not there";
    const known = toDiskError(error, path);
    if (known instanceof DiskError) return `cannot be read: ${known.message}`;
    throw known;
  }
}

function damageOf(path: string, reason: string, row: Row | undefined): Damage {
  return { path, kind: row?.kind ?? null, clipId: row?.clipId ?? null, title: row?.title ?? null, reason };
}
