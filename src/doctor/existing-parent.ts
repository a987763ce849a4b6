import { access } from "node:fs/promises";
import { dirname } from "node:path";

/** `folder`, or the nearest one above it that is there: its disk is the one that a new folder would lie on. */
export async function existingParent(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    const there = await access(at).then(
      () => true,
      () => false,
    );
    if (there || at === dirname(at)) return at;
  }
}
