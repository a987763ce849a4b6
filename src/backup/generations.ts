import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { toDiskError } from "../lib/files/disk-errors.ts";

/** One backup in a folder of backups. Names sort by age. */
export type Generation = { name: string; folder: string };

const NAME = /^\d{8}T\d{6}Z$/;
const PARTIAL = /^\d{8}T\d{6}Z\.partial$/;

/** A time in the form `20261122T213408Z`, which sorts as text. */
export function formatTimestamp(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, "");
}

/** Every finished backup, the newest first. Throws DiskError. */
export async function listGenerations(folder: string): Promise<Generation[]> {
  return (await names(folder, NAME)).map((name) => ({ name, folder: join(folder, name) })).reverse();
}

/** The folders of unfinished backups, the newest first. */
export async function listPartials(folder: string): Promise<string[]> {
  return (await names(folder, PARTIAL)).map((name) => join(folder, name)).reverse();
}

/** The name for a new backup: its time, but later than the newest name, so that a clock that was set back changes no order. */
export function nextName(now: number, newest: Generation | undefined): string {
  const wanted = formatTimestamp(now);
  if (newest === undefined || wanted > newest.name) return wanted;
  return formatTimestamp(timeOf(newest.name) + 1000);
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
