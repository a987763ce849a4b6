import { hostname } from "node:os";
import { chmodSync, closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { LockedError } from "../lib/errors.ts";

export type Lock = { release(): void; [Symbol.dispose](): void };

type Holder = { pid: number; host: string; command: string; since: string };

/**
 * Holds the archive for one run: an exclusive transaction on `<home>/lock.db`, which the kernel drops with its process,
 * so a crash never leaves a stale lock. `lock.json` beside it only says who. `name` makes a lock of another purpose.
 * Throws LockedError naming the holder.
 */
export function acquireLock(home: string, command: string, waitMs = 0, name = "lock"): Lock {
  const path = join(home, `${name}.db`);
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
  const client = new Sqlite(path, { timeout: waitMs });
  try {
    client.exec("begin exclusive");
  } catch (cause) {
    client.close();
    if ((cause as { code?: string }).code !== "SQLITE_BUSY") throw cause;
    throw heldBy(home, name, cause);
  }
  const note = join(home, `${name}.json`);
  const holder: Holder = { pid: process.pid, host: hostname(), command, since: new Date().toISOString() };
  writeFileSync(note, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  let held = true;
  const release = () => {
    if (!held) return;
    held = false;
    rmSync(note, { force: true });
    client.close();
  };
  return { release, [Symbol.dispose]: release };
}

function heldBy(home: string, name: string, cause: unknown): LockedError {
  const holder = readHolder(join(home, `${name}.json`));
  const who = holder ? ` (${holder.command}, pid ${holder.pid} on ${holder.host}, since ${holder.since})` : "";
  return new LockedError(`another run holds ${home}${who}`, { cause, hint: "wait for it to end, then try again" });
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}
