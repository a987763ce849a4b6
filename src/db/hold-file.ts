import { chmodSync, closeSync, openSync } from "node:fs";
import Sqlite from "better-sqlite3";

/**
 * Holds a file, which is made when it is not there and stays empty, by an exclusive transaction that nothing is written
 * in: the kernel drops it with its process. Null when another process holds it and does not let go within `waitMs`.
 * Throws what the file system and SQLite say.
 */
export function holdFile(path: string, waitMs: number): Disposable | null {
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
  const client = new Sqlite(path, { timeout: waitMs });
  try {
    client.exec("pragma journal_mode = memory; begin exclusive"); // a journal would be made, and come and go beside it
  } catch (error) {
    client.close();
    if ((error as { code?: string }).code === "SQLITE_BUSY") return null;
    throw error;
  }
  return { [Symbol.dispose]: () => void client.close() };
}
