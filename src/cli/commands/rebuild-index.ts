import { openForRun } from "../../app/archive.ts";
import { EXIT, UsageError } from "../../lib/errors.ts";
import { rebuildIndex } from "../../restore/rebuild/rebuild-index.ts";
import type { Context } from "../command.ts";
import { countOf, countText } from "../../print/output/numbers.ts";

/** `search --rebuild-index`. Interrupted, the index is as it was. */
export async function runRebuildIndex(
  { config, output, signal }: Context,
  words: string[],
  { json }: { json?: boolean },
): Promise<number> {
  if (words.length > 0) throw new UsageError("--rebuild-index takes no words", { hint: "search when it is done" });
  const { home } = config();
  await using archive = await openForRun(config(), "search");
  let done = 0;
  using _line = output.progress(() => `indexed ${countText(done)}`);
  const onProgress = (count: number) => (done = count);
  const { clips, troubles } = await rebuildIndex({ db: archive.db, signal, onProgress });
  for (const trouble of troubles) output.note(`mended: ${trouble}`);
  if (json) await output.json({ clips, troubles });
  else output.print(`${home}\nindex made anew: ${countOf(clips, "clip")}`);
  return EXIT.ok;
}
