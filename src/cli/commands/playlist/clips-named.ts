import type { Writer } from "../../../app/write-archive.ts";
import { UsageError } from "../../../lib/errors.ts";
import { readInput } from "../../../lib/files/read-input.ts";
import { findClips } from "../../../query/lists/clips-of.ts";

/** The clips that these words name, in their order and with repeats; `-` stands for the lines of standard input. */
export async function clipsNamed(words: string[]): Promise<(db: Writer["db"]) => string[]> {
  if (words.filter((word) => word === "-").length > 1) throw new UsageError("- can be given once");
  const read = async (word: string) => (word === "-" ? (await readInput("-")).split("\n") : [word]);
  const ids = (await Promise.all(words.map(read)))
    .flat()
    .map((id) => id.trim())
    .filter(Boolean);
  return (db) => ids.flatMap((id) => findClips(db, [id]).map((clip) => clip.id));
}
