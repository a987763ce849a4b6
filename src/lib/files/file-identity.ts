import { statSync } from "node:fs";

/** Which file lies at a path, by what the system tells files apart; the same text as long as no other is put there. "" when there is none. */
export function fileIdentity(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found ? `${found.dev}:${found.ino}` : "";
}
