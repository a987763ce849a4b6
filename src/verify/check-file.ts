import type { FileEntry } from "../lib/files/entry.ts";
import type { AssetStore } from "../assets/store/store.ts";
import { DiskError } from "../lib/errors.ts";
import type { ArchiveFile } from "../query/lists/archive-files.ts";
import type { Decode } from "./decode.ts";

/** How a file differs from what was stored. */
export type FileProblem = "type" | "size" | "digest" | "decode";

/** What the check of one file found. */
export type FileCheck =
  /** `read`: its bytes were read, not only its size. */
  | { is: "intact"; read: boolean }
  | { is: "missing"; reason: string }
  /** `sha256`: of the bytes on the disk, where they could be read. */
  | { is: "corrupt"; problem: FileProblem; reason: string; sha256?: string }
  /** The disk refused to read it. Whether the file is damaged is unknown. */
  | { is: "unreadable"; reason: string };

export type FileCheckDeps = {
  store: AssetStore;
  signal: AbortSignal;
  /** Absent: files are not decoded. */
  decode?: Decode | undefined;
  /** Called with the size of each chunk that was read. */
  onBytes?: ((count: number) => void) | undefined;
};

/**
 * Compares one file with its row: it must be a regular file of the stored size. With `read`, its bytes must have the
 * stored digest, and with a decoder it must play. Opens only regular files. Throws the signal's reason, and DiskError when
 * the whole folder is not there.
 */
export async function checkFile(deps: FileCheckDeps, file: ArchiveFile, read: boolean): Promise<FileCheck> {
  try {
    const entry = await deps.store.stat(file.path);
    const damage = checkEntry(entry, file);
    if (!read) return damage ?? { is: "intact", read: false };
    // The digest distinguishes a file that was swapped with another one from a file that was cut short.
    if (damage && entry?.type === "file") return { ...damage, ...(await digestIfReadable(deps, file)) };
    return damage ?? (await checkBytes(deps, file));
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    return toFileCheck(error);
  }
}

function checkEntry(entry: FileEntry | null, { bytes }: ArchiveFile): FileCheck | undefined {
  if (entry === null) return { is: "missing", reason: "the file does not exist" };
  if (entry.type !== "file")
    return { is: "corrupt", problem: "type", reason: `there is a ${entry.type} instead of the file` };
  if (bytes !== null && entry.bytes !== bytes)
    return { is: "corrupt", problem: "size", reason: sizeMismatch(entry.bytes, bytes) };
  return undefined;
}

/** Empty when the file cannot be read: that its size is wrong is known anyway. */
async function digestIfReadable({ store, signal }: FileCheckDeps, { path }: ArchiveFile): Promise<{ sha256?: string }> {
  try {
    return { sha256: (await store.sha256(path, signal)).sha256 };
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    return {};
  }
}

async function checkBytes({ store, signal, decode, onBytes }: FileCheckDeps, file: ArchiveFile): Promise<FileCheck> {
  const { path, bytes, sha256 } = file;
  const actual = await store.sha256(path, signal, onBytes);
  if (bytes !== null && actual.bytes !== bytes)
    return { is: "corrupt", problem: "size", reason: sizeMismatch(actual.bytes, bytes) };
  if (sha256 !== null && actual.sha256 !== sha256) {
    const reason = `its bytes changed: the stored sha256 is ${sha256}, now it is ${actual.sha256}`;
    return { is: "corrupt", problem: "digest", reason, sha256: actual.sha256 };
  }
  const decoded = await decode?.(store.locate(path), actual.bytes, signal);
  if (decoded?.is === "broken")
    return {
      is: "corrupt",
      problem: "decode",
      reason: `it does not play, although its bytes are unchanged: ${decoded.reason}`,
    };
  if (decoded?.is === "unknown") return { is: "unreadable", reason: decoded.reason };
  return { is: "intact", read: true };
}

/** A path that leads out of the folder is damage, and so is a file that was replaced while it was read. */
function toFileCheck(error: DiskError): FileCheck {
  if (error.code === "assets_not_ours") throw error;
  if (error.code === "asset_missing") return { is: "missing", reason: "the file does not exist" };
  if (error.code === "asset_not_a_file" || error.code === "bad_asset_path")
    return { is: "corrupt", problem: "type", reason: error.message };
  return { is: "unreadable", reason: error.message };
}

function sizeMismatch(actual: number, expected: number): string {
  return `it has ${actual} bytes, but ${expected} were stored`;
}
