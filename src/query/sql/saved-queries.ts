import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { MirrorError, UsageError } from "../../lib/errors.ts";
import { toStorageError } from "../../lib/files/storage-errors.ts";
import { readQueryFile, queryFileProblem } from "./saved-query-file.ts";

/** The folder of a home for saved queries, one file each. */
export const QUERIES = "queries";

/** A saved query; `about` is its first line when that is a comment, else empty. */
export type SavedQuery = { name: string; about: string };

/** Names of the saved queries of a home, sorted: regular files (no symlinks) of at most 1 MB with a name of `a-z0-9_-`. */
export function queryNames(home: string): string[] {
  return filesIn(home)
    .filter((file) => queryFileProblem(join(home, QUERIES, file)) === undefined)
    .map((file) => file.slice(0, -".sql".length));
}

/** The saved queries; `odd` says for each other `.sql` file why it is not one. Throws DiskError. */
export function listQueries(home: string): { queries: SavedQuery[]; odd: string[] } {
  const queries: SavedQuery[] = [];
  const odd = isFolder(home) === false ? [notFolder(home)] : [];
  for (const file of filesIn(home)) {
    try {
      queries.push({ name: file.slice(0, -".sql".length), about: aboutOf(readQueryFile(join(home, QUERIES, file))) });
    } catch (error) {
      // One that cannot be read must not hide the others.
      if (!(error instanceof MirrorError)) throw error;
      odd.push(error.message);
    }
  }
  return { queries, odd };
}

/** The text of a saved query. Throws UsageError, which lists the saved queries, or DiskError. */
export function readSavedQuery(home: string, name: string): string {
  if (filesIn(home).includes(`${name}.sql`)) return readQueryFile(join(home, QUERIES, `${name}.sql`));
  throw new UsageError(`no query ${JSON.stringify(name)} is saved in ${join(home, QUERIES)}`, {
    code: "unknown_query",
    hint: availableQueries(home),
  });
}

function availableQueries(home: string): string {
  const names = queryNames(home);
  if (names.length > 0) return `there are ${names.join(", ")}`;
  if (isFolder(home) === false) return notFolder(home);
  return "there are none: save one as <name>.sql, at most 1 MB, its name of a-z, 0-9, _ and -";
}

/** Names of everything that may be a query, sorted. */
function filesIn(home: string): string[] {
  if (!isFolder(home)) return [];
  const folder = join(home, QUERIES);
  try {
    return readdirSync(folder)
      .filter((name) => /^[^.].*\.sql$/s.test(name))
      .toSorted();
  } catch (error) {
    throw toStorageError(error, folder);
  }
}

/** Whether the queries folder is a folder; undefined when it does not exist. A symlink does not count, since it could lead anywhere. */
function isFolder(home: string): boolean | undefined {
  const folder = join(home, QUERIES);
  try {
    return lstatSync(folder, { throwIfNoEntry: false })?.isDirectory();
  } catch (error) {
    throw toStorageError(error, folder);
  }
}

function notFolder(home: string): string {
  return `${join(home, QUERIES)} is not a folder: a link to one is not followed`;
}

function aboutOf(sql: string): string {
  return /^\s*--[ \t]*([^\r\n]*)/.exec(sql)?.[1]?.trim() ?? "";
}
