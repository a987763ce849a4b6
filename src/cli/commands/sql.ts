import { openForReading } from "../../app/archive.ts";
import { UsageError } from "../../lib/errors.ts";
import { listQueries, readSavedQuery, type SavedQuery } from "../../query/sql/saved-queries.ts";
import { readParameters } from "../../query/sql/parameters.ts";
import { runSql, type SqlRow } from "../../query/sql/sql.ts";
import type { CliCommand } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import { addFormatOptions, readFormat, type FormatOptions } from "../options/list-options.ts";
import { readCount } from "../../lib/text/option-words.ts";
import { countText } from "../../print/output/numbers.ts";
import type { Listing } from "../../print/output/rows.ts";
import { QUERY_MEMORY_BYTES, readTimeout } from "../options/sql-options.ts";

type Options = FormatOptions & { maxRows?: string; timeout?: string; param?: string[]; list?: boolean };

const SAVED: Listing<SavedQuery> = {
  fields: ["name", "about"],
  columns: [
    { title: "name", text: ({ name }) => name },
    { title: "about", text: ({ about }) => about, overflow: "shrink" },
  ],
};

/** Read-only SQL over the archive. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument("[query]", "a SELECT, WITH, VALUES or EXPLAIN, or @name of a saved query");
    // A query may begin with a comment, whose dashes look like an option.
    addFormatOptions(bare).allowUnknownOption();
    bare.option("--list", "list the saved queries, which are files in <home>/queries");
    bare.option(
      "--param <name=value>",
      "the value of :name in the query; may be repeated",
      (text: string, others: string[] | undefined) => [...(others ?? []), text],
    );
    bare.option("--max-rows <rows>", "print at most this many, 0 for all (default 1000)");
    bare.option("--timeout <time>", "stop the query after this long (default 5s)");
    addExitCodes(bare, [0, 2, 4, 7, 9, 10]);
    return addExample(bare, `producer-mirror sql "select title, model from songs order by created"`);
  },

  async run({ config, output, signal }, [text = ""], options) {
    if (/^--?[a-z][\w-]*(=|$)/i.test(text)) throw new UsageError(`unknown option '${text.replace(/=.*/s, "")}'`);
    if ((text === "") === !options.list) throw new UsageError("name a query, or --list alone");
    const format = readFormat(options);
    const maxRows = readCount(options.maxRows ?? "1000", "--max-rows");
    const timeMs = readTimeout(options.timeout ?? "5s");
    using archive = await openForReading(config());
    if (options.list) {
      const { queries, odd } = listQueries(archive.home);
      await output.rows(format, queries, SAVED);
      return { notes: odd };
    }
    const sql = text.startsWith("@") ? readSavedQuery(archive.home, text.slice(1)) : text;
    const parameters = readParameters(sql, options.param ?? []);
    const path = archive.db.$client.name;
    await using answer = await runSql({
      path,
      sql,
      parameters,
      maxRows,
      timeMs,
      memoryBytes: QUERY_MEMORY_BYTES,
      signal,
    });
    if (format === "table") output.note(archive.home);
    await output.rows(format, answer.rows, listing(answer.columns));
    if (answer.cut) output.note(`stopped after ${countText(maxRows)} rows (--max-rows 0 for all)`);
  },
};

function listing(columns: string[]): Listing<SqlRow> {
  return {
    fields: columns,
    columns: columns.map((name) => ({ title: name, text: (row) => String(row[name] ?? ""), narrow: "shrink" })),
  };
}
