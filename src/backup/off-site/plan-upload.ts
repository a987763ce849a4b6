import type { NotKept, StoredFile } from "./upload-types.ts";

export type SendingPlan = {
  /** Not there yet. */
  absent: StoredFile[];
  /** Cut short by an upload that was ended, and vouched for by no backup: sent again. */
  torn: StoredFile[];
  /** There with the right size, and never read back. */
  unproven: StoredFile[];
  /** There with the right size, and read back once. */
  known: StoredFile[];
  /** There with another size: left as they are. */
  differing: NotKept[];
};

/** What to do about each file, by the sizes that the remote lists. */
export function planSending(
  files: StoredFile[],
  sizes: Map<string, number>,
  isKnown: (sha256: string) => boolean,
): SendingPlan {
  const plan: SendingPlan = { absent: [], torn: [], unproven: [], known: [], differing: [] };
  for (const file of files) {
    const size = sizes.get(file.path);
    if (size === undefined) plan.absent.push(file);
    else if (size === file.bytes) (isKnown(file.sha256) ? plan.known : plan.unproven).push(file);
    else if (size < file.bytes && !isKnown(file.sha256)) plan.torn.push(file);
    else plan.differing.push({ path: file.path, reason: `${size} bytes at the place, ${file.bytes} here` });
  }
  return plan;
}
