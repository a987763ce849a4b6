import type { Entry } from "../lib/files/entry.ts";
import type { AssetStore } from "../assets/store/store.ts";
import { DiskError } from "../lib/errors.ts";
import type { KeptFile } from "../query/lists/archive-files.ts";
import type { Decode } from "./decode.ts";

/** In which way a file is not what was stored. */
export type Problem = "type" | "size" | "digest" | "decode";

export type Verdict =
  /** `read`: its bytes were, not its size alone. */
  | { is: "right"; read: boolean }
  | { is: "missing"; reason: string }
  /** `sha256`: of the bytes that lie there, where they were read. */
  | { is: "corrupt"; problem: Problem; reason: string; sha256?: string }
  /** The disk did not let us look: says nothing about the file. */
  | { is: "unreadable"; reason: string };

export type CheckTools = {
  store: AssetStore;
  signal: AbortSignal;
  /** Absent: files are not decoded. */
  decode?: Decode | undefined;
  /** Hears of every piece that was read. */
  onBytes?: ((count: number) => void) | undefined;
};

/**
 * Holds one file against its row: that it is a regular file of the right size, with `read` each byte of it, and with a
 * decoder that it plays. Opens nothing but regular files.
 */
export async function checkFile(tools: CheckTools, file: KeptFile, read: boolean): Promise<Verdict> {
  try {
    const entry = await tools.store.stat(file.path);
    const wrong = judgeEntry(entry, file);
    if (!read) return wrong ?? { is: "right", read: false };
    // Whose bytes lie there tells a file that was swapped from one that is cut short.
    if (wrong && entry?.type === "file") return { ...wrong, ...(await digestFile(tools, file)) };
    return wrong ?? (await checkBytes(tools, file));
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    return verdictOf(error);
  }
}

function judgeEntry(entry: Entry | null, { bytes }: KeptFile): Verdict | undefined {
  if (entry === null) return { is: "missing", reason: "not there" };
  if (entry.type !== "file") return { is: "corrupt", problem: "type", reason: `a ${entry.type} lies in its place` };
  if (bytes !== null && entry.bytes !== bytes)
    return { is: "corrupt", problem: "size", reason: sizes(entry.bytes, bytes) };
  return undefined;
}

/** That a file has the wrong size is known whether or not it can be read. */
async function digestFile({ store, signal }: CheckTools, { path }: KeptFile): Promise<{ sha256?: string }> {
  try {
    return { sha256: (await store.sha256(path, signal)).sha256 };
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    return {};
  }
}

async function checkBytes({ store, signal, decode, onBytes }: CheckTools, file: KeptFile): Promise<Verdict> {
  const { path, bytes, sha256 } = file;
  const actual = await store.sha256(path, signal, onBytes);
  if (bytes !== null && actual.bytes !== bytes)
    return { is: "corrupt", problem: "size", reason: sizes(actual.bytes, bytes) };
  if (sha256 !== null && actual.sha256 !== sha256) {
    const reason = `its bytes changed: sha256 ${actual.sha256}, stored as ${sha256}`;
    return { is: "corrupt", problem: "digest", reason, sha256: actual.sha256 };
  }
  const decoded = await decode?.(store.locate(path), actual.bytes, signal);
  if (decoded?.is === "broken")
    return {
      is: "corrupt",
      problem: "decode",
      reason: `does not play, though its bytes did not change: ${decoded.reason}`,
    };
  if (decoded?.is === "unknown") return { is: "unreadable", reason: decoded.reason };
  return { is: "right", read: true };
}

/** What went wrong while looking; a path that leads out of the folder, or a file that was swapped meanwhile, is damage. */
function verdictOf(error: DiskError): Verdict {
  if (error.code === "asset_missing") return { is: "missing", reason: "not there" };
  if (error.code === "asset_not_a_file" || error.code === "bad_asset_path")
    return { is: "corrupt", problem: "type", reason: error.message };
  return { is: "unreadable", reason: error.message };
}

function sizes(actual: number, expected: number): string {
  return `${actual} bytes, stored with ${expected}`;
}
