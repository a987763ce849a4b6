import type { Entry } from "../assets/store-files.ts";
import type { AssetStore } from "../assets/store.ts";
import { DiskError } from "../lib/errors.ts";
import type { KeptFile } from "../query/kept-files.ts";

export type Verdict =
  /** `read`: its bytes were, not its size alone. */
  | { is: "right"; read: boolean }
  | { is: "missing"; reason: string }
  /** `sha256`: of the bytes that lie there, where they were read. */
  | { is: "corrupt"; reason: string; sha256?: string }
  /** The disk did not let us look: says nothing about the file. */
  | { is: "unreadable"; reason: string };

/** Holds one file against its row: that it is a regular file of the right size, and with `read` each byte of it. */
export async function checkFile(
  store: AssetStore,
  file: KeptFile,
  read: boolean,
  signal: AbortSignal,
): Promise<Verdict> {
  try {
    const entry = await store.stat(file.path);
    const wrong = judgeEntry(entry, file);
    if (wrong) return wrong;
    return read ? await checkBytes(store, file, signal) : { is: "right", read: false };
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    return verdictOf(error);
  }
}

function judgeEntry(entry: Entry | null, { bytes }: KeptFile): Verdict | undefined {
  if (entry === null) return { is: "missing", reason: "not there" };
  if (entry.type !== "file") return { is: "corrupt", reason: `a ${entry.type} lies in its place` };
  if (bytes !== null && entry.bytes !== bytes) return { is: "corrupt", reason: sizes(entry.bytes, bytes) };
  return undefined;
}

async function checkBytes(store: AssetStore, { path, bytes, sha256 }: KeptFile, signal: AbortSignal): Promise<Verdict> {
  const actual = await store.sha256(path, signal);
  if (bytes !== null && actual.bytes !== bytes) return { is: "corrupt", reason: sizes(actual.bytes, bytes) };
  if (sha256 === null || actual.sha256 === sha256) return { is: "right", read: true };
  return {
    is: "corrupt",
    reason: `its bytes changed: sha256 ${actual.sha256}, stored as ${sha256}`,
    sha256: actual.sha256,
  };
}

/** What went wrong while looking; a path that leads out of the folder, or a file that was swapped meanwhile, is damage. */
function verdictOf(error: DiskError): Verdict {
  if (error.code === "asset_missing") return { is: "missing", reason: "not there" };
  if (error.code === "asset_not_a_file" || error.code === "bad_asset_path")
    return { is: "corrupt", reason: error.message };
  return { is: "unreadable", reason: error.message };
}

function sizes(actual: number, expected: number): string {
  return `${actual} bytes, stored with ${expected}`;
}
