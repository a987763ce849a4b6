import { UsageError } from "../../lib/errors.ts";

export type ResticSnapshot = { id: string; time: string; paths: string[]; tags: string[] };

export type ResticProgress = { files: number; totalFiles: number; bytes: number; totalBytes: number };

/** A snapshot as `restic snapshots --json` lists it. */
export function isSnapshot(value: unknown): value is ResticSnapshot {
  const { id, time, paths, tags } = (value ?? {}) as Record<string, unknown>;
  return /^[0-9a-f]{64}$/.test(String(id)) && typeof time === "string" && Array.isArray(paths) && Array.isArray(tags);
}

/** The counts of a `status` line. */
export function readProgress(message: Record<string, unknown>): ResticProgress {
  const number = (name: string) => (typeof message[name] === "number" ? message[name] : 0);
  return {
    files: number("files_done"),
    totalFiles: number("total_files"),
    bytes: number("bytes_done"),
    totalBytes: number("total_bytes"),
  };
}

/** A report each second is a sign of life only where it says something new. */
export function createNews(): (value: number) => boolean {
  let last = -1;
  return (value) => {
    const isNew = value !== last;
    last = value;
    return isNew;
  };
}

/** A line of JSON; what is none says nothing. */
export function tryParse(line: string): Record<string, unknown> {
  try {
    return (JSON.parse(line) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** The one document that a command answers. */
export function parseAnswer(text: string, doing: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw strange(doing);
  }
}

/** The error for an answer that restic would not give. */
export function strange(doing: string): UsageError {
  return new UsageError(`restic ${doing} did not answer as restic does`, {
    code: "program_unknown",
    hint: "look which `restic` is first on the PATH",
  });
}

/** A text of a message, empty where there is none. */
export function textIn(message: Record<string, unknown>, name: string): string {
  const value = message[name];
  return typeof value === "string" ? value : "";
}
