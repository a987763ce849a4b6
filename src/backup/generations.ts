import { hash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { toDiskError } from "../lib/files/disk-errors.ts";
import { realPath } from "../lib/files/paths.ts";

/** One backup in a folder of backups. Names sort by age. */
export type Generation = { name: string; folder: string };

/** The file that marks a folder of backups, with the id of its archive. */
export const BACKUPS_MARKER = ".producer-mirror-backup";
const NAME = /^\d{8}T\d{6}Z$/;
/** Those of older programs name no owner. */
const PARTIAL = /^\d{8}T\d{6}Z(?:\.(?<owner>[0-9a-f]{8}))?\.partial$/;

/** A time in the form `20261122T213408Z`, which sorts as text. */
export function formatTimestamp(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, "");
}

/** Every finished backup, the newest first. Throws DiskError. */
export async function listGenerations(folder: string): Promise<Generation[]> {
  return (await names(folder, NAME)).map((name) => ({ name, folder: join(folder, name) })).reverse();
}

/** An unfinished backup. `owner`: whose it is (`partialOwner`); undefined in those of older programs. */
export type Partial = Generation & { owner: string | undefined };

/** The unfinished backups, the newest first. Throws DiskError. */
export async function listPartials(folder: string): Promise<Partial[]> {
  return (await names(folder, PARTIAL))
    .map((name) => ({ name, folder: join(folder, name), owner: PARTIAL.exec(name)?.groups?.["owner"] }))
    .reverse();
}

/** The folder of a backup until it has its name. */
export function partialFolder(folder: string, generation: string, owner: string): string {
  return join(folder, `${generation}.${owner}.partial`);
}

/**
 * Who may go on with an unfinished backup: this home on this machine. A folder of backups may be shared by several homes
 * of one archive, and no lock reaches through every kind of network folder.
 */
export async function partialOwner(home: string): Promise<string> {
  return hash("sha256", `${hostname()}\0${await realPath(home)}`).slice(0, 8);
}

/** The name for a new backup: its time, but later than the newest name, so that a clock that was set back changes no order. */
export function nextName(now: number, newest: Generation | undefined): string {
  const wanted = formatTimestamp(now);
  if (newest === undefined || wanted > newest.name) return wanted;
  return laterName(newest.name);
}

/** The name of a backup a second later. */
export function laterName(name: string): string {
  return formatTimestamp(timeOf(name) + 1000);
}

/** Milliseconds UTC of a name. */
function timeOf(name: string): number {
  return Date.parse(name.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

async function names(folder: string, pattern: RegExp): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => pattern.test(name)).toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw toDiskError(error, folder);
  }
}
