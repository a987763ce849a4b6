import { statSync } from "node:fs";

/** Identifies the file at a path by its device and inode: the text changes when another file replaces it. "" when there is none. */
export function fileIdentity(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found ? `${found.dev}:${found.ino}` : "";
}

/** Changes whenever a file is written or replaced. "" when there is none. */
export function fileFingerprint(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found ? `${found.ino}:${found.mtimeNs}:${found.size}` : "";
}
