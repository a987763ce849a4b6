import { access } from "node:fs/promises";
import { dirname } from "node:path";

/** `folder`, or its nearest existing parent: a new folder would be on the same disk. */
export async function existingParent(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    const there = await access(at).then(
      () => true,
      () => false,
    );
    if (there || at === dirname(at)) return at;
  }
}
