import { UsageError } from "../../lib/errors.ts";
import type { ProgramName } from "./program/find-program.ts";
import type { TransferCounts } from "../types.ts";

export type ResticSnapshot = { id: string; time: string; paths: string[]; tags: string[] };

/** A line of JSON; an empty record for any other line. */
export function parseLine(line: string): Record<string, unknown> {
  try {
    return (JSON.parse(line) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** The snapshots that `restic snapshots --json` lists. Throws UsageError for text that is not JSON. */
export function parseSnapshots(text: string): ResticSnapshot[] {
  const found = parseJson("restic", text);
  return Array.isArray(found) ? found.filter(isSnapshot) : [];
}

function isSnapshot(value: unknown): value is ResticSnapshot {
  const { id, time, paths, tags } = (value ?? {}) as Record<string, unknown>;
  return /^[0-9a-f]{64}$/.test(String(id)) && typeof time === "string" && Array.isArray(paths) && Array.isArray(tags);
}

/** The counts of a `status` message of restic. */
export function resticCounts(message: Record<string, unknown>): TransferCounts {
  return countsIn(message, ["files_done", "total_files", "bytes_done", "total_bytes"]);
}

/** The counts in a line of rclone's log; undefined for a line that has none. */
export function rcloneCounts(line: string): TransferCounts | undefined {
  if (!line.startsWith("{") || !line.includes('"stats"')) return undefined;
  const { stats } = parseLine(line);
  if (typeof stats !== "object" || stats === null) return undefined;
  return countsIn(stats as Record<string, unknown>, ["transfers", "totalTransfers", "bytes", "totalBytes"]);
}

type CountNames = [files: string, totalFiles: string, bytes: string, totalBytes: string];

function countsIn(record: Record<string, unknown>, names: CountNames): TransferCounts {
  const [files, totalFiles, bytes, totalBytes] = names.map((name) => record[name]).map(numberOrZero);
  return { files: files ?? 0, totalFiles: totalFiles ?? 0, bytes: bytes ?? 0, totalBytes: totalBytes ?? 0 };
}

function numberOrZero(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

/** Both programs report each second: true for counts that differ from the last ones, so that a hang is noticed. */
export function createChangeDetector(): (counts: TransferCounts) => boolean {
  let last = -1;
  return ({ files, bytes }) => {
    const isNew = files + bytes !== last;
    last = files + bytes;
    return isNew;
  };
}

/** An entry of `rclone lsjson`, which writes an array with one entry a line; undefined for a line without one. */
export function parseEntry(line: string): { path: string; bytes: number } | undefined {
  if (!line.startsWith("{")) {
    if (/^(\[|\]|\[\]|\s*)$/.test(line)) return undefined;
    throw unexpectedOutput("rclone");
  }
  const { Path: path, Size: bytes } = parseJson("rclone", line.replace(/,$/, "")) as Record<string, unknown>;
  return typeof path === "string" && typeof bytes === "number" ? { path, bytes } : undefined;
}

function parseJson(program: ProgramName, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unexpectedOutput(program);
  }
}

/** The error for output that the real program would not print. */
export function unexpectedOutput(program: ProgramName): UsageError {
  return new UsageError(`the output is not what ${program} prints`, {
    code: "program_unknown",
    hint: `look which \`${program}\` is first on the PATH`,
  });
}
