import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ASSETS_MARKER } from "../../../src/assets/store/marker.ts";
import { INFO_FILE } from "../../../src/backup/snapshot/manifest.ts";
import { SUMS_FILE } from "../../../src/backup/snapshot/sha256sums.ts";
import { findProgram } from "../../../src/backup/off-site/program/find-program.ts";
import { parseLocation, type OpenLocation } from "../../../src/backup/off-site/location.ts";
import {
  STAGING_PATH,
  type UploadDeps,
  type StagedBackup,
  type UploadFile,
} from "../../../src/backup/off-site/upload-types.ts";

export const ARCHIVE_ID = "6f3b0f0e-4c0c-4f52-9d59-8a0c9f4a3c11";
export const never = new AbortController().signal;

/** Opens a location without checks, with the real program or a fake one. */
export async function openForTest(name: string, env: Record<string, string>): Promise<OpenLocation> {
  const location = parseLocation(name, "/");
  const program = await findProgram(location.kind, { PATH: process.env["PATH"], ...env }, never);
  return { ...location, program, signal: never, idleMs: 60_000 };
}

/** A small staged backup, made by hand: three files, a fake database, one line of a journal. */
export function stage(folder: string, songs: string[] = ["one", "two", "three"]): StagedBackup {
  const assetsRoot = join(folder, "mirror/my [music]");
  const files = songs.map((song): UploadFile => {
    const path = `${song.slice(0, 2)}/${song}.m4a`;
    put(join(assetsRoot, path), song.repeat(1000));
    return { path, bytes: song.length * 1000, sha256: sha256(song.repeat(1000)) };
  });
  put(join(assetsRoot, ASSETS_MARKER), `${ARCHIVE_ID}\n`);
  const staged = join(folder, "mirror", STAGING_PATH);
  put(join(staged, "archive.db"), "database");
  put(join(staged, "journal/2026-11.ndjson"), "{}\n");
  const manifest = [`${sha256("database")}  archive.db`, ...files.map((file) => `${file.sha256}  assets/${file.path}`)];
  put(join(staged, SUMS_FILE), `${manifest.join("\n")}\n`);
  put(join(staged, INFO_FILE), "{}\n");
  return { folder: staged, archiveId: ARCHIVE_ID, assetsRoot, files };
}

/** Nothing was backed up before, and nothing listens. */
export const FIRST: UploadDeps = { isVerified: () => false, onProgress: () => {}, signal: never };

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

export function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
