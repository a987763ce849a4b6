import { accessSync, constants, copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { DiskError } from "../lib/errors.ts";
import { connect, type Database } from "./connection.ts";

/** Whether nothing can be written into a folder: its disk, or its mode, does not let this user. */
export function isReadOnly(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return false;
  } catch (error) {
    return /^(EACCES|EPERM|EROFS)$/.test((error as NodeJS.ErrnoException).code ?? "");
  }
}

/**
 * Opens a copy of a database, which may be written to: to read one in WAL mode, or of an older schema, needs to write
 * beside it. The copy lies in a temporary folder of this user and goes when the connection is closed. Throws DiskError when
 * the database changes meanwhile, and the file system's error.
 */
export function openCopy(path: string): Database {
  const folder = mkdtempSync(join(tmpdir(), "producer-mirror-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const copy = join(folder, basename(path));
    copyUnchanged(path, copy);
    const database = connect(copy);
    const close = database.$client.close.bind(database.$client);
    database.$client.close = () => {
      const closed = close();
      remove();
      return closed;
    };
    return database;
  } catch (error) {
    remove();
    throw error;
  }
}

/** Whether a connection is one to a copy of the database at `path`. */
export function isCopy({ $client }: Database, path: string): boolean {
  return $client.name !== path;
}

/** No connection of this process is open: reading the file drops no lock. */
function copyUnchanged(path: string, copy: string): void {
  const before = stamp(path);
  for (const suffix of ["", "-wal"])
    if (existsSync(path + suffix)) copyFileSync(path + suffix, copy + suffix, constants.COPYFILE_FICLONE);
  if (stamp(path) === before) return;
  throw new DiskError(`${path} changes, and this user cannot write beside it to read it meanwhile`, {
    code: "database_busy",
    hint: "wait until the other program has ended, or run this as the user whose archive it is",
  });
}

function stamp(path: string): string {
  return ["", "-wal"]
    .map((suffix) => statSync(path + suffix, { throwIfNoEntry: false }))
    .map((found) => (found ? `${found.size} ${found.mtimeMs}` : "none"))
    .join();
}
