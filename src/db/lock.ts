import { hostname } from "node:os";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LockedError } from "../lib/errors.ts";
import { refuseBackup } from "./backup-home.ts";
import { toStorageError } from "../lib/files/storage-errors.ts";
import { holdFile } from "./hold-file.ts";

export type ArchiveLock = { release(): void; [Symbol.dispose](): void };

type Holder = { pid: number; host: string; command: string; since: string };

const NOTE_TRIES = 10;
const NOTE_PAUSE_MS = 20;

/**
 * Locks the archive for one run: an exclusive transaction on `<home>/lock.db`, which the kernel releases when the process
 * ends, so a crash never leaves a stale lock. `lock.json` beside it only names the holder. Another `name` is another lock.
 * Throws LockedError, which names the holder, and DiskError for a backup.
 */
export function acquireLock(home: string, command: string, waitMs = 0, name = "lock"): ArchiveLock {
  refuseBackup(home);
  const held = holdFile(join(home, `${name}.db`), waitMs);
  if (held === null) throw heldBy(home, name);
  const note = join(home, `${name}.json`);
  const holder: Holder = { pid: process.pid, host: hostname(), command, since: new Date().toISOString() };
  try {
    writeFileSync(note, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  } catch (error) {
    held[Symbol.dispose]();
    throw toStorageError(error, home);
  }
  let isOurs = true;
  const release = () => {
    if (!isOurs) return;
    isOurs = false;
    rmSync(note, { force: true });
    held[Symbol.dispose]();
  };
  return { release, [Symbol.dispose]: release };
}

function heldBy(home: string, name: string): LockedError {
  const holder = waitForHolder(join(home, `${name}.json`));
  const who = holder ? ` (${holder.command}, pid ${holder.pid} on ${holder.host}, since ${holder.since})` : "";
  return new LockedError(`another run holds ${home}${who}`, { hint: "wait for it to end, then try again" });
}

/** The note is written just after the lock is taken, so one that is missing or names a dead process will be replaced in a moment. */
function waitForHolder(path: string): Holder | undefined {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0; ; tries++) {
    const holder = readHolder(path);
    if ((holder && isAlive(holder)) || tries === NOTE_TRIES) return holder;
    Atomics.wait(pause, 0, 0, NOTE_PAUSE_MS);
  }
}

function isAlive({ pid, host }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}

function readHolder(path: string): Holder | undefined {
  try {
    const note = JSON.parse(readFileSync(path, "utf8")) as Partial<Holder> | null;
    const whole = note && [note.host, note.command, note.since].every((word) => typeof word === "string");
    return whole && Number.isInteger(note.pid) ? (note as Holder) : undefined;
  } catch {
    return undefined;
  }
}
