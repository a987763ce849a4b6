import { basename, join } from "node:path";
import { archiveId } from "../../archive/info.ts";
import { beginReadTransaction } from "../../archive/transaction.ts";
import type { Database } from "../../db/connection.ts";
import { makeFolder } from "../../lib/files/durable-files.ts";
import { lockFolder, resolveFolder } from "../folder.ts";
import { limitMemory } from "../../lib/limit-memory.ts";
import { createOutFile, renameFinished, removeParts, type OutFile } from "../out-file.ts";
import type { ColumnType } from "./column-types.ts";
import { listPending, listWritten, refuseForeign } from "./exported-files.ts";
import type { PublicTable } from "./public-tables.ts";
import { readQuery, withTypes, type Query } from "./read-query.ts";
import { countRows, readTable } from "./read-table.ts";
import type { RowWriter, Source, TableFormat } from "./rows.ts";
import { csvWriter } from "./write-csv.ts";
import { ndjsonWriter } from "./write-ndjson.ts";

export type TablesDeps = {
  home: string;
  /** The folder of the archive's files. */
  assets: string;
  db: Database;
  signal: AbortSignal;
  /** Rows written so far, of all tables. */
  onProgress: (progress: { name: string; rows: number }) => void;
};

export type TablesOptions = {
  format: TableFormat;
  /** The tables, or one query. */
  what: PublicTable[] | Query;
  /** With what is withheld otherwise: whole documents, ids of accounts, callback addresses. */
  raw: boolean;
  /** CSV without the `'` before what looks like a formula. */
  rawCsv: boolean;
  /** Over files that no export has written. */
  force: boolean;
};

type WrittenTable = { name: string; /** Absolute. */ path: string; rows: number; bytes: number };
export type TablesExport = { folder: string; format: TableFormat; tables: WrittenTable[] };
export type TablesPlan = {
  folder: string;
  format: TableFormat;
  /** `rows` is null for a query: it is not run. */
  tables: { name: string; path: string; rows: number | null }[];
};

const LOCK_WAIT_MS = 5000;

/**
 * Writes tables, or one query, into a folder, a file each, all of them as the archive is at one moment; a sync may run
 * meanwhile. Files appear together when all are whole and on the disk; an export that ends early leaves what was there.
 * Throws UsageError (the folder lies in the archive; a file in the way), QueryError, DiskError, LockedError (another
 * export is renaming its files), the signal's reason.
 */
export async function exportTables(deps: TablesDeps, path: string, options: TablesOptions): Promise<TablesExport> {
  const { format, what } = options;
  const folder = await checkFolder(deps, path, options);
  const made: Made[] = [];
  using _memory = limitMemory();
  try {
    if (Array.isArray(what)) await writeTables(deps, what, folder, options, made);
    else await writeQuery(deps, what, folder, options, made);
    await finish(deps, folder, made, options.force);
  } catch (error) {
    for (const { file } of made) file.discard();
    throw error;
  }
  const tables = made.map(({ name, rows, file: { path, bytes } }) => ({ name, path, rows, bytes }));
  return { folder, format, tables };
}

/** What an export would write. Makes nothing. Throws as `exportTables` does. */
export async function planTables(deps: TablesDeps, path: string, options: TablesOptions): Promise<TablesPlan> {
  const { format, what } = options;
  const folder = await checkFolder(deps, path, options);
  const planned = ({ name }: { name: string }) => ({ name, path: join(folder, `${name}.${format}`) });
  const tables = Array.isArray(what)
    ? what.map((table) => ({ ...planned(table), rows: countRows(deps.db, table) }))
    : [{ ...planned(what), rows: null }];
  return { folder, format, tables };
}

async function checkFolder(deps: TablesDeps, path: string, { what, format, force }: TablesOptions): Promise<string> {
  const folder = await resolveFolder(path, deps);
  const names = (Array.isArray(what) ? what : [what]).map(({ name }) => `${name}.${format}`);
  await refuseForeign(folder, names, archiveId(deps.db), force);
  return folder;
}

type Made = { name: string; file: OutFile; rows: number; digest: string };

async function writeTables(
  deps: TablesDeps,
  tables: PublicTable[],
  folder: string,
  options: TablesOptions,
  made: Made[],
): Promise<void> {
  await prepare(folder);
  using _moment = beginReadTransaction(deps.db);
  for (const table of tables) {
    const read = readTable(deps.db, table, options.raw, deps.signal);
    await writeFile(deps, read, read.types, folder, options, made);
  }
}

async function writeQuery(
  deps: TablesDeps,
  query: Query,
  folder: string,
  options: TablesOptions,
  made: Made[],
): Promise<void> {
  await using read = await readQuery(query, deps.signal);
  await prepare(folder);
  if (options.format !== "parquet") return await writeFile(deps, read, () => [], folder, options, made);
  await using typed = await withTypes(read, join(folder, `${query.name}.rows`));
  await writeFile(deps, typed, () => typed.types, folder, options, made);
}

async function prepare(folder: string): Promise<void> {
  await makeFolder(folder);
  await removeParts(folder);
}

async function writeFile(
  { onProgress }: TablesDeps,
  { name, columns, batches }: Source,
  types: () => ColumnType[],
  folder: string,
  options: TablesOptions,
  made: Made[],
): Promise<void> {
  const file = createOutFile(join(folder, `${name}.${options.format}`));
  const one: Made = { name, file, rows: 0, digest: "" };
  made.push(one);
  const writer = await openWriter(file, columns, types, options);
  for await (const rows of batches) {
    writer.write(rows);
    one.rows += rows.length;
    onProgress({ name, rows: one.rows });
  }
  writer.finish();
  one.digest = file.finish();
}

/** A writer is loaded when its format is asked for. */
async function openWriter(
  file: OutFile,
  columns: string[],
  types: () => ColumnType[],
  { format, rawCsv }: TablesOptions,
): Promise<RowWriter> {
  if (format === "csv") return csvWriter(file, columns, rawCsv);
  if (format === "ndjson") return ndjsonWriter(file, columns);
  const { parquetWriter } = await import("./write-parquet.ts");
  const known = types();
  return parquetWriter(
    file,
    columns.map((name, at) => ({ name, type: known[at] ?? "text" })),
  );
}

/** The list goes first: a file that has its name is known as ours whenever this ends. What came meanwhile is not replaced. */
async function finish({ db }: TablesDeps, folder: string, made: Made[], force: boolean): Promise<void> {
  const id = archiveId(db);
  const digests = new Map(made.map(({ file: { path }, digest }) => [basename(path), digest]));
  using _lock = lockFolder(folder, "tables", LOCK_WAIT_MS);
  await refuseForeign(folder, [...digests.keys()], id, force);
  await listPending(folder, id, digests);
  await renameFinished(made.map(({ file }) => file));
  await listWritten(folder, id, digests);
}
