import { UsageError } from "../../lib/errors.ts";

export type RcloneProgress = { files: number; totalFiles: number; bytes: number; totalBytes: number };

/** lsjson writes an array with one entry a line. */
export function readEntry(line: string): { path: string; bytes: number } | undefined {
  if (!line.startsWith("{")) {
    if (/^(\[|\]|\[\]|\s*)$/.test(line)) return undefined;
    throw strange();
  }
  const { Path: path, Size: bytes } = parse(line.replace(/,$/, ""));
  return typeof path === "string" && typeof bytes === "number" ? { path, bytes } : undefined;
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw strange();
  }
}

/** The counts of a line of its log; undefined for a line that has none. */
export function readStats(line: string): RcloneProgress | undefined {
  if (!line.startsWith("{") || !line.includes('"stats"')) return undefined;
  try {
    const { stats } = JSON.parse(line) as { stats: Record<string, unknown> };
    const number = (name: string) => (typeof stats[name] === "number" ? stats[name] : 0);
    const [files, totalFiles] = [number("transfers"), number("totalTransfers")];
    return { files, totalFiles, bytes: number("bytes"), totalBytes: number("totalBytes") };
  } catch {
    return undefined;
  }
}

function strange(): UsageError {
  return new UsageError("rclone did not answer as rclone does", {
    code: "program_unknown",
    hint: "look which `rclone` is first on the PATH",
  });
}
