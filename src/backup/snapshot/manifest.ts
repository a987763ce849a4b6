import { join } from "node:path";
import { writeFileDurably } from "../../lib/files/durable-files.ts";
import type { Snapshot } from "./snapshot.ts";
import { formatSums, SUMS_FILE, type Sums } from "./sha256sums.ts";
import { readText, digestFile } from "../../lib/files/read.ts";
import { flushFolder } from "../../lib/files/flush.ts";

export const INFO_FILE = "backup.json";

/** The content of `backup.json`. Times are ISO 8601; fields are only ever added. */
export type BackupInfo = {
  format: 1;
  archiveId: string;
  schema: number;
  /** Of the program that made it. */
  version: string;
  startedAt: string;
  /** The moment of the snapshot. */
  takenAt: string;
  finishedAt: string;
  clips: number;
  /** Files below assets/, without the marker, and their bytes. */
  files: number;
  bytes: number;
  /** Paths, relative to assets/, of files that rows name and the backup lacks: they were damaged and had no good copy. */
  missing: string[];
};

export type ManifestFacts = {
  version: string;
  startedAt: number;
  finishedAt: number;
  /** Digest by path relative to the assets folder, with the marker if it is there. */
  assets: Sums;
  /** Of those files. */
  bytes: number;
  missing: string[];
};

/**
 * Finishes a snapshot: writes `backup.json`, then `SHA256SUMS`, which lists every other file of the folder, and flushes
 * them. A folder that has both is a whole backup. Throws DiskError.
 */
export async function writeManifest(snapshot: Snapshot, facts: ManifestFacts): Promise<void> {
  const { folder } = snapshot;
  const files = [...facts.assets.keys()].filter((path) => !path.startsWith(".")).length;
  const info: BackupInfo = {
    format: 1,
    archiveId: snapshot.archiveId,
    schema: snapshot.schema,
    version: facts.version,
    startedAt: new Date(facts.startedAt).toISOString(),
    takenAt: new Date(snapshot.takenAt).toISOString(),
    finishedAt: new Date(facts.finishedAt).toISOString(),
    clips: snapshot.clips,
    files,
    bytes: facts.bytes,
    missing: facts.missing,
  };
  await writeFileDurably(join(folder, INFO_FILE), `${JSON.stringify(info, null, 2)}\n`);
  const sums: Sums = new Map(snapshot.sums);
  for (const [path, sha256] of facts.assets) sums.set(`assets/${path}`, sha256);
  sums.set(INFO_FILE, (await digestFile(join(folder, INFO_FILE))).sha256);
  await writeFileDurably(join(folder, SUMS_FILE), formatSums(sums));
  await flushFolder(folder);
}

/** A million names of missing files. */
const MOST_BYTES = 64e6;

/** The content of a folder's `backup.json`; null when it is missing or has another form. Throws DiskError. */
export async function readInfo(folder: string): Promise<BackupInfo | null> {
  const read = await readText(join(folder, INFO_FILE), MOST_BYTES);
  if (!("text" in read)) return null;
  try {
    const info = JSON.parse(read.text) as Partial<BackupInfo> | null;
    const whole =
      info?.format === 1 && typeof info.archiveId === "string" && !Number.isNaN(Date.parse(String(info.takenAt)));
    return whole ? (info as BackupInfo) : null;
  } catch {
    return null;
  }
}
