import { chmodSync, closeSync, fsyncSync, openSync, readSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { flushFolder } from "../lib/flush.ts";
import { toStorageError } from "../lib/storage-errors.ts";

export type LinePlace = { file: string; line: number };

const PIECE = 1 << 20;
const LF = 0x0a;

/**
 * Takes lines out of the journal and keeps them beside, in `<file>.bad`. Each file is written anew, flushed, and put in
 * its place at once: a crash leaves the old one or the new one. No one else may append meanwhile. Throws DiskError.
 */
export function setAsideLines(home: string, places: LinePlace[]): void {
  const folder = join(home, "journal");
  for (const file of new Set(places.map((place) => place.file))) {
    const lines = new Set(places.filter((place) => place.file === file).map(({ line }) => line));
    const path = join(folder, file);
    try {
      part(path, lines);
      renameSync(`${path}.new`, path);
      flushFolder(folder);
    } catch (error) {
      throw toStorageError(error, path);
    }
  }
}

/** Bytes as they are: a damaged line need not be text. */
function part(path: string, bad: Set<number>): void {
  const source = openSync(path, "r");
  const [kept, aside] = [create(`${path}.new`, "w"), create(`${path}.bad`, "a")];
  try {
    const piece = Buffer.alloc(PIECE);
    let line = 1;
    for (let size; (size = readSync(source, piece, 0, PIECE, null)) > 0;)
      for (let from = 0; from < size;) {
        const end = piece.subarray(0, size).indexOf(LF, from);
        const until = end === -1 ? size : end + 1;
        writeAll(bad.has(line) ? aside : kept, piece.subarray(from, until));
        from = until;
        if (end !== -1) line++;
      }
    fsyncSync(kept);
    fsyncSync(aside);
  } finally {
    for (const file of [source, kept, aside]) closeSync(file);
  }
}

function create(path: string, flag: "w" | "a"): number {
  const file = openSync(path, flag, 0o600);
  chmodSync(path, 0o600);
  return file;
}

function writeAll(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
}
