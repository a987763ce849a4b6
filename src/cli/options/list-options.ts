import { Option, type Command } from "commander";
import { UsageError } from "../../lib/errors.ts";
import type { Filter } from "../../query/filter/filter.ts";
import { readFilter, readSort, SORTS, type FilterWords } from "../../query/filter/read-filter.ts";
import { splitList, oneOf, readCount } from "../../lib/text/option-words.ts";
import { addFilterOptions } from "./filter-options.ts";
import { makeWordOption } from "./option-values.ts";
import { FORMATS, type Format } from "../../print/output/rows.ts";

export type FormatOptions = { format?: string; json?: boolean };

export type ListOptions = FormatOptions &
  FilterWords & { sort?: string; limit?: string; cursor?: string; fields?: string };

/** Rows of a table without --limit; the other formats print all. */
const TABLE_ROWS = 50;

/** `--format` and `--json`, for every command that prints rows. */
export function addFormatOptions(command: Command): Command {
  return command
    .addOption(makeWordOption("--format <format>", `${FORMATS.join(", ")} (default table)`, FORMATS))
    .addOption(new Option("--json", "the same as --format json"));
}

/** Adds the options that filter, order and limit. */
export function addListOptions(command: Command): Command {
  return addOrderOptions(addFilterOptions(command), "-created");
}

/** The same for a command that takes the songs elsewhere, and all of them without `--limit`. */
export function addSelectionOptions(command: Command): Command {
  return addFilterOptions(command)
    .addOption(makeSortOption("-created"))
    .option("--limit <songs>", "take at most this many songs, 0 for all (default: all)");
}

/** Adds the options that order and limit; `usual` describes the order without `--sort`. */
export function addOrderOptions(command: Command, usual: string): Command {
  return command.addOption(makeSortOption(usual)).addOption(makeLimitOption());
}

function makeSortOption(usual: string): Option {
  const words = `${SORTS.filter((sort) => !sort.startsWith("-")).join(", ")}; with - in front: descending (default ${usual})`;
  return makeWordOption("--sort <key>", words, SORTS);
}

/** Adds the options that choose a page and its fields. */
export function addPageOptions(command: Command): Command {
  return command
    .option("--cursor <text>", "the next page: --limit prints this text on stderr below each page")
    .option("--fields <names>", "only these fields, in this order, separated by commas");
}

/** Only the paths of the songs, for other programs. */
export function makePathsOption(): Option {
  return new Option("--paths", "print only the paths of their audio files, one a line");
}

/** Throws UsageError for `--paths` beside another format. */
export function refuseOtherFormats({ paths, json, format, fields }: ListOptions & { paths?: boolean }): void {
  if (paths && (json || format !== undefined || fields !== undefined))
    throw new UsageError("--paths is a format of its own: leave --format, --json and --fields out");
}

export function makeLimitOption(): Option {
  return new Option(
    "--limit <rows>",
    `print at most this many, 0 for all (default: ${TABLE_ROWS} in a table, else all)`,
  );
}

/** Throws UsageError for a word that is no format, and for `--json` beside another one. */
export function readFormat(options: FormatOptions): Format {
  return chooseFormat(FORMATS, options);
}

/** The same for a command with formats of its own; the first of them is the default. */
export function chooseFormat<T extends string>(known: readonly ("json" | T)[], { format, json }: FormatOptions) {
  if (json && format !== undefined && format !== "json") {
    throw new UsageError(`--json and --format ${format} exclude each other`);
  }
  const wanted = json ? "json" : (format ?? known[0] ?? "json");
  return oneOf(known, wanted, "--format");
}

/** The rows to show at most, 0 for all. */
export function readLimit(limit: string | undefined, format: Format): number {
  if (limit === undefined) return format === "table" ? TABLE_ROWS : 0;
  return readCount(limit, "--limit");
}

/** The options as a filter. Throws UsageError that names the bad one and what it takes. */
export function readListFilter(options: ListOptions, format: Format): Filter {
  const filter = { ...readFilter(options), limit: readLimit(options.limit, format) };
  if (options.sort !== undefined) filter.sort = readSort(options.sort);
  if (options.cursor !== undefined) filter.cursor = options.cursor;
  return filter;
}

/** The chosen fields of a listing, undefined for all. Throws UsageError that names them all. */
export function readFields(text: string | undefined, known: readonly string[]): string[] | undefined {
  return text === undefined
    ? undefined
    : [...new Set(splitList(text, "--fields").map((one) => oneOf(known, one, "--fields")))];
}
