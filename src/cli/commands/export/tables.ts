import { openForReading } from "../../../app/archive.ts";
import { UsageError } from "../../../lib/errors.ts";
import { exportTables, planTables, type TablesOptions } from "../../../export/tables/export-tables.ts";
import { publicTables, type PublicTable } from "../../../export/tables/public-tables.ts";
import { TABLE_FORMATS } from "../../../export/tables/rows.ts";
import { readSavedQuery } from "../../../query/sql/saved-queries.ts";
import { readParameters } from "../../../query/sql/parameters.ts";
import type { CliCommand } from "../../command.ts";
import { addExample, addExitCodes } from "../../options/help.ts";
import { oneOf, splitList } from "../../../lib/text/option-words.ts";
import { makeWordOption } from "../../options/option-values.ts";
import { bytesText, countOf, countText } from "../../../print/output/numbers.ts";
import { QUERY_MEMORY_BYTES, readTimeout } from "../../options/sql-options.ts";

type Options = {
  format?: string;
  only?: string;
  sql?: string;
  name?: string;
  param?: string[];
  timeout?: string;
  raw?: boolean;
  rawCsv?: boolean;
  force?: boolean;
  dryRun?: boolean;
  json?: boolean;
  assets?: string;
};

const NOTES = `
Times are milliseconds since 1970 in UTC, as in the archive; the view songs has them as ISO 8601.
Kept back unless --raw: the documents of tasks, callback addresses, ids of accounts, credentials and traces, and what follows a "?" in an address. The ids of tasks stay.
In CSV text that a spreadsheet would take for a formula begins with a "'"; null is nothing and empty text is "".`;

/** The tables of the archive for other programs. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument("<folder>", "gets a file a table; made when it is not there, other files in it stay");
    bare.addOption(makeWordOption("--format <format>", `${TABLE_FORMATS.join(", ")} (default csv)`, TABLE_FORMATS));
    bare.option("--only <tables>", "only these, comma between (default: every table, and the view songs)");
    bare.option(
      "--sql <query>",
      "what this query finds instead, or @name of a saved one; it runs as in `producer-mirror sql`, without a limit of rows",
    );
    bare.option("--name <name>", "with --sql: the file's name without its ending (default query, or the saved one's)");
    bare.option(
      "--param <name=value>",
      "with --sql: the value of :name; repeatable",
      (text: string, others: string[] | undefined) => [...(others ?? []), text],
    );
    bare.option("--timeout <time>", "with --sql: the query may take so long (default 5s)");
    bare.option("--raw", "with the documents, addresses and ids that are withheld otherwise");
    bare.option("--raw-csv", "CSV with every text as it is, for programs that are no spreadsheet");
    bare.option("--force", "over files that are there and were not written by an export, or changed since");
    bare.option("--assets <folder>", "the folder of the files (PRODUCER_MIRROR_ASSETS, default <home>/assets)");
    bare.option("-n, --dry-run", "say what would be written; writes nothing");
    bare.option("--json", "the files as one JSON document");
    bare.addHelpText("after", NOTES);
    addExitCodes(bare, [0, 2, 4, 7, 8, 9, 10, 130, 143], {
      2: "usage or configuration; no archive here; a file in the way",
      8: "another export is renaming its files",
    });
    return addExample(bare, "producer-mirror export tables ~/tables --format parquet");
  },

  async run(context, [folder = ""], options) {
    const { output, signal } = context;
    const config = context.config();
    using archive = await openForReading(config);
    const wanted = readOptions(options, { home: archive.home, path: archive.db.$client.name });
    let state = { name: "", rows: 0 };
    const { home, assets } = config;
    const deps = { home, assets, db: archive.db, signal, onProgress: (now: typeof state) => (state = now) };
    if (options.dryRun) {
      const plan = await planTables(deps, folder, wanted);
      const files = plan.tables.map(({ path, rows }) => `would write ${path}${rowsText(rows)}`);
      return { document: plan, lines: [home, ...files] };
    }
    using _line = output.progress(() => `${state.name}  ${countText(state.rows)} rows`);
    const done = await exportTables(deps, folder, wanted);
    const files = done.tables.map(({ path, rows, bytes }) => `${path}${rowsText(rows)}, ${bytesText(bytes)}`);
    const notes = ["these files hold ids of tasks, which work like keys: keep them to yourself"];
    return { document: done, lines: [home, ...files], notes };
  },
};

function rowsText(rows: number | null): string {
  return rows === null ? "" : `: ${countOf(rows, "row")}`;
}

/** The archive's folder and its database. */
type ArchivePaths = { home: string; path: string };

function readOptions(options: Options, archive: ArchivePaths): TablesOptions {
  const format = oneOf(TABLE_FORMATS, options.format ?? "csv", "--format");
  if (options.rawCsv && format !== "csv") throw new UsageError(`--raw-csv is for CSV, not for ${format}`);
  return {
    format,
    what: options.sql === undefined ? readTables(options) : readQuery(options.sql, options, archive),
    raw: options.raw === true,
    rawCsv: options.rawCsv === true,
    force: options.force === true,
  };
}

function readTables({ only, name, param, timeout }: Options): PublicTable[] {
  if (name !== undefined) throw new UsageError("--name is for --sql");
  if (param !== undefined) throw new UsageError("--param is for --sql");
  if (timeout !== undefined) throw new UsageError("--timeout is for --sql");
  const all = publicTables();
  if (only === undefined) return all;
  const wanted = splitList(only, "--only").map((word) =>
    oneOf(
      all.map((table) => table.name),
      word,
      "--only",
    ),
  );
  return all.filter((table) => wanted.includes(table.name));
}

function readQuery(text: string, options: Options, { home, path }: ArchivePaths): TablesOptions["what"] {
  const { only, raw, param = [], timeout = "5s" } = options;
  if (only !== undefined) throw new UsageError("--sql and --only exclude each other");
  if (raw) throw new UsageError("--raw is for tables: a query finds what is stored anyway");
  const saved = text.startsWith("@") ? text.slice(1) : undefined;
  const sql = saved === undefined ? text : readSavedQuery(home, saved);
  const name = options.name ?? saved ?? "query";
  if (!/^[a-z0-9][a-z0-9_-]{0,99}$/i.test(name))
    throw new UsageError(`--name is "${name}"; it takes up to 100 letters without accents, digits, - and _`);
  if (publicTables().some((table) => table.name === name.toLowerCase()))
    throw new UsageError(`--name is "${name}", which is a table's own; it takes another one`);
  const parameters = readParameters(sql, param);
  return { name, path, sql, parameters, timeMs: readTimeout(timeout), memoryBytes: QUERY_MEMORY_BYTES };
}
