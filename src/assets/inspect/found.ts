/** What a walk finds in a good file; `note` is a remark that is no failure. */
export type WalkResult = { durationSeconds: number | null; note: string | null };

/** A remark for bytes that follow a complete file. */
export function trailing(count: number): string | null {
  return count === 0 ? null : `${count} bytes after the end`;
}
