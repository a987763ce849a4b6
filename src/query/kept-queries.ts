import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../lib/errors.ts";
import { toStorageError } from "../lib/storage-errors.ts";

/** The folder of a home in which a person keeps queries, a file each. */
export const QUERIES = "queries";
/** Bytes. */
const MOST_BYTES = 1_000_000;
const FILE = /^([a-z0-9_-]{1,64})\.sql$/;

/** A query that is kept; `about` is its first line when that is a comment, else empty. */
export type KeptQuery = { name: string; about: string };

/** Names of the queries kept in a home, sorted: regular files of at most 1 MB with a name of `a-z0-9_-`, through no symlink. */
export function queryNames(home: string): string[] {
  const folder = join(home, QUERIES);
  try {
    // A folder that is a link could lead anywhere.
    if (!lstatSync(folder).isDirectory()) return [];
    const found = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
    const names = found.flatMap(({ name }) => FILE.exec(name)?.[1] ?? []);
    return names.filter((name) => lstatSync(fileOf(home, name)).size <= MOST_BYTES).toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw toStorageError(error, folder);
  }
}

/** What is kept, with a line about each. Throws DiskError. */
export function listQueries(home: string): KeptQuery[] {
  return queryNames(home).map((name) => ({ name, about: aboutOf(readFile(fileOf(home, name))) }));
}

/** The text of a kept query. Throws UsageError that lists those there are, DiskError. */
export function readQuery(home: string, name: string): string {
  const names = queryNames(home);
  if (names.includes(name)) return readFile(fileOf(home, name));
  throw new UsageError(`no query ${JSON.stringify(name)} is kept in ${join(home, QUERIES)}`, {
    code: "unknown_query",
    hint:
      names.length > 0
        ? `there are ${names.join(", ")}`
        : "there is none: write one as <name>.sql, at most 1 MB, its name of a-z, 0-9, _ and -",
  });
}

function fileOf(home: string, name: string): string {
  return join(home, QUERIES, `${name}.sql`);
}

function readFile(place: string): string {
  try {
    const file = openSync(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const entry = fstatSync(file);
      if (!entry.isFile() || entry.size > MOST_BYTES) throw new UsageError(`${place} is no file of at most 1 MB`);
      return readFileSync(file, "utf8");
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw toStorageError(error, place);
  }
}

function aboutOf(sql: string): string {
  return /^\s*--[ \t]*([^\r\n]*)/.exec(sql)?.[1]?.trim() ?? "";
}
