import crypto from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { toDiskError } from "../lib/files/disk-errors.ts";
import { LONGEST_NAME } from "../lib/files/disk-limits.ts";
import { flushFolder } from "../lib/files/flush.ts";

/** A file that is written beside its name: nothing of it is seen under the name until it is whole. */
export type OutFile = {
  /** Text is written as UTF-8; what was given may be changed afterwards. */
  write(piece: Uint8Array | string): void;
  /** Where it lies meanwhile. */
  readonly part: string;
  /** Where it shall lie. */
  readonly path: string;
  readonly bytes: number;
  /** Makes it durable. Returns the sha256 of what was written, in hex. */
  finish(): string;
  /** Takes it away, finished or not. */
  discard(): void;
};

const BUFFER_BYTES = 256 * 1024;
/** Of one UTF-16 unit in UTF-8. */
const MOST_BYTES = 3;

/** A file's name, and the id of the process that writes it. */
const PART_NAME = /^\.(.+)\.(\d+)\.producer-mirror-part$/;

/** Begins a file, by default for its owner alone. Everything throws DiskError. */
export function createOutFile(path: string, mode = 0o600): OutFile {
  const part = join(dirname(path), `.${partOf(basename(path))}.${process.pid}.producer-mirror-part`);
  const hash = crypto.createHash("sha256");
  // One for the whole file: buffers that come and go are collected late, and memory grows with the file.
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  let waiting = 0;
  let bytes = 0;
  const asDiskError = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw toDiskError(error, path);
    }
  };
  const file = asDiskError(() => {
    rmSync(part, { force: true });
    return openSync(part, "wx", mode);
  });
  let open = true;
  const put = (all: Uint8Array) => {
    hash.update(all);
    for (let done = 0; done < all.length;) done += writeSync(file, all, done);
  };
  const flush = () => {
    put(buffer.subarray(0, waiting));
    waiting = 0;
  };
  const close = () => {
    if (open) closeSync(file);
    open = false;
  };
  return {
    part,
    path,
    get bytes() {
      return bytes;
    },
    write(piece) {
      const most = typeof piece === "string" ? piece.length * MOST_BYTES : piece.length;
      if (waiting + most > BUFFER_BYTES) asDiskError(flush);
      if (most > BUFFER_BYTES) {
        const all = typeof piece === "string" ? Buffer.from(piece) : piece;
        bytes += all.length;
        return asDiskError(() => put(all));
      }
      const size =
        typeof piece === "string" ? buffer.write(piece, waiting) : (buffer.set(piece, waiting) ?? piece.length);
      waiting += size;
      bytes += size;
    },
    finish: () =>
      asDiskError(() => {
        flush();
        fsyncSync(file);
        close();
        return hash.digest("hex");
      }),
    discard() {
      close();
      rmSync(part, { force: true });
    },
  };
}

/** The name that a part bears: of a long one its digest, since a part may not have a longer name than disks take. */
function partOf(name: string): string {
  return Buffer.byteLength(name) > LONGEST_NAME / 2 ? crypto.hash("sha256", name).slice(0, 32) : name;
}

/** Renames finished files to their names, replacing what lies there, and flushes their folders. Throws DiskError. */
export async function renameFinished(files: OutFile[]): Promise<void> {
  for (const { part, path } of files) {
    try {
      renameSync(part, path);
    } catch (error) {
      throw toDiskError(error, path);
    }
  }
  for (const folder of new Set(files.map(({ path }) => dirname(path)))) await flushFolder(folder);
}

/** Takes away what processes that were killed have left in a folder of all files, or of the one of this name. Throws DiskError. */
export async function removeParts(folder: string, of?: string): Promise<void> {
  try {
    for (const part of await readdir(folder)) {
      const [, name, id = process.pid] = PART_NAME.exec(part) ?? [];
      if (Number(id) === process.pid || isAlive(Number(id))) continue;
      if (of === undefined || partOf(of) === name) await rm(join(folder, part), { force: true });
    }
  } catch (error) {
    throw toDiskError(error, folder);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Puts a text under a name, whole or not at all, durably. Throws DiskError. */
export async function replaceFile(path: string, text: string, mode?: number): Promise<void> {
  await removeParts(dirname(path), basename(path));
  const file = createOutFile(path, mode);
  try {
    file.write(Buffer.from(text));
    file.finish();
    await renameFinished([file]);
  } catch (error) {
    file.discard();
    throw error;
  }
}
