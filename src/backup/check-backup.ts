import { lstatSync } from "node:fs";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { toDiskError } from "../lib/files/disk-errors.ts";
import { connect, type Database } from "../db/connection.ts";
import { DiskError } from "../lib/errors.ts";
import { inParallel } from "../lib/concurrency.ts";
import { toStorageError } from "../lib/files/storage-errors.ts";
import { NOT_A_FILE, digestFile } from "../lib/files/read.ts";
import { walkFolder } from "../lib/files/walk.ts";
import { checkDatabase } from "../db/check-pages.ts";
import { INFO_FILE, readInfo, type BackupInfo } from "./snapshot/manifest.ts";
import { isListable, readSums, SUMS_FILE, type Sums } from "./snapshot/sha256sums.ts";

/** One file of a backup that is not as it was written. `path` is relative to the generation. */
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
  /** What is right, by path relative to the generation: the digest of its bytes. */
  good: Sums;
  /** Of what is right. */
  bytes: number;
  damaged: Damage[];
  /** True when the database can be used, whether or not it is as it was written. */
  databaseUsable: boolean;
};

export type CheckProgress = { checked: number; total: number; bytes: number };

export type CheckDeps = {
  signal: AbortSignal;
  onProgress: (progress: CheckProgress) => void;
  /** Digests by disk and inode, shared by the checks of one run: what generations share is read once. */
  read?: Map<string, Digest>;
};

type Digest = { bytes: number; sha256: string };
type Row = { path: string; sha256: string | null; kind: string; clipId: string | null; title: string | null };

const WIDTH = 4;

/**
 * Reads every file of one generation of a backup (or of any folder of the same layout) and holds it against the list
 * that was written with it; where list and file differ, the rows of the database in it say which of them is right. The
 * database is checked as well. Changes nothing, and needs no archive. Throws DiskError when a file cannot be read.
 */
export async function checkBackup(folder: string, deps: CheckDeps): Promise<BackupCheck> {
  const { sums, bad, why } = await readSums(folder);
  const rows = readRows(folder);
  const found: string[] = [];
  for await (const path of walkFolder(folder, { hidden: true })) if (isListable(path)) found.push(path);
  const info = await readInfo(folder);
  const check: BackupCheck = {
    folder,
    info,
    good: new Map(),
    bytes: 0,
    damaged: complaints(bad, why),
    databaseUsable: rows.usable,
  };
  const paths = [...new Set([...sums.keys(), ...found])];
  let checked = 0;
  await inParallel(paths, WIDTH, async (path) => {
    await checkOne(check, path, { said: sums.get(path), row: rows.byPath.get(path), listed: sums.size > 0 }, deps);
    deps.onProgress({ checked: ++checked, total: paths.length, bytes: check.bytes });
  });
  checkWhole(check, sums, rows.problem);
  check.damaged.sort((one, other) => (one.path < other.path ? -1 : 1));
  return check;
}

type Expected = { said: string | undefined; row: Row | undefined; listed: boolean };

async function checkOne(check: BackupCheck, path: string, expected: Expected, deps: CheckDeps): Promise<void> {
  const { said, row, listed } = expected;
  const actual = (await leadsOut(check.folder, path)) ? NOT_A_FILE : await digestOnce(join(check.folder, path), deps);
  const bad = (where: string, reason: string) => void check.damaged.push(damageOf(where, reason, row));
  if (typeof actual === "string") return bad(path, actual);
  const isRight = actual.sha256 === said || (row ? actual.sha256 === row.sha256 : said === undefined);
  if (isRight) {
    check.good.set(path, actual.sha256);
    check.bytes += actual.bytes;
    if (listed && said === undefined) bad(SUMS_FILE, `does not list ${path}`);
    else if (said !== undefined && said !== actual.sha256)
      bad(SUMS_FILE, `its line of ${path} is wrong: the file is as its row says`);
  } else if (said === undefined) bad(path, `its bytes changed: sha256 ${actual.sha256}, stored as ${row?.sha256}`);
  else bad(path, `its bytes changed: sha256 ${actual.sha256}, written as ${said}`);
}

/** What only the whole tells: parts that every backup has, and how many files there were. */
function checkWhole(check: BackupCheck, sums: Sums, databaseProblem: string | undefined): void {
  const { damaged, info, good } = check;
  const bad = (path: string, reason: string) => void damaged.push(damageOf(path, reason, undefined));
  const known = (path: string) => damaged.some((one) => one.path === path);
  if (databaseProblem !== undefined) bad("archive.db", databaseProblem);
  if (databaseProblem !== undefined) good.delete("archive.db");
  if (info === null && !known(INFO_FILE)) bad(INFO_FILE, good.has(INFO_FILE) ? "cannot be read" : "not there");
  if (info === null || sums.size === 0) return;
  const files = [...sums.keys()].filter((path) => /^assets\/[^.]/.test(path)).length;
  if (files !== info.files && !known(SUMS_FILE))
    bad(SUMS_FILE, `lists ${files} files, ${INFO_FILE} says ${info.files}`);
}

function complaints(badLines: string[], why: string | undefined): Damage[] {
  const reasons = badLines.map((line) => `a line of it cannot be read: ${JSON.stringify(line)}`);
  return [...reasons, ...(why === undefined ? [] : [why])].map((reason) => damageOf(SUMS_FILE, reason, undefined));
}

/** The files that the database in the backup names; older schemas have the same columns. */
function readRows(folder: string): { byPath: Map<string, Row>; usable: boolean; problem: string | undefined } {
  const byPath = new Map<string, Row>();
  const path = join(folder, "archive.db");
  // What a link leads to is no part of the backup, and is named with the other files.
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false)
    return { byPath, usable: false, problem: undefined };
  try {
    const database = connect(path, { readOnly: true });
    try {
      const strange = viewForTable(database);
      if (strange !== undefined) return { byPath, usable: false, problem: strange };
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

/** A view in a table's place could keep whoever reads it busy for ever. */
function viewForTable({ $client }: Database): string | undefined {
  const name = $client
    .prepare<[], string>(
      "select name from sqlite_schema where type = 'view' and lower(name) in ('archive_info', 'assets', 'clips', 'tasks')",
    )
    .pluck()
    .get();
  return name === undefined ? undefined : `no database of ours: its ${name} is a view`;
}

/** Whether a folder on the way to a file is a link: what lies behind it is no part of the backup. */
async function leadsOut(folder: string, path: string): Promise<boolean> {
  const parts = path.split("/").slice(0, -1);
  for (const at of parts.keys()) {
    const entry = await lstat(join(folder, ...parts.slice(0, at + 1))).catch(() => null);
    if (entry?.isSymbolicLink()) return true;
  }
  return false;
}

/** The digest of a file, or why there is none. */
async function digestOnce(place: string, { read, signal }: CheckDeps): Promise<Digest | string> {
  signal.throwIfAborted();
  try {
    const entry = await lstat(place, { bigint: true });
    if (!entry.isFile()) return NOT_A_FILE;
    const key = `${entry.dev}:${entry.ino}`;
    const known = read?.get(key);
    if (known) return known;
    const digest = await digestFile(place, signal);
    read?.set(key, digest);
    return digest;
  } catch (error) {
    if (signal.aborted) throw error;
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "not there";
    const known = toDiskError(error, place);
    if (known instanceof DiskError) return `cannot be read: ${known.message}`;
    throw known;
  }
}

function damageOf(path: string, reason: string, row: Row | undefined): Damage {
  return { path, kind: row?.kind ?? null, clipId: row?.clipId ?? null, title: row?.title ?? null, reason };
}
