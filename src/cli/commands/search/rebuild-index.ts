import { UsageError } from "../../../lib/errors.ts";
import { countOf, countText } from "../../../print/output/numbers.ts";
import { rebuildIndex } from "../../../restore/rebuild/rebuild-index.ts";
import type { Context, Outcome } from "../../command.ts";
import { openRun } from "../../open-run.ts";

/** `search --rebuild-index`. Interrupted, the index is as it was. */
export async function runRebuildIndex(context: Context, words: string[]): Promise<Outcome> {
  if (words.length > 0) throw new UsageError("--rebuild-index takes no words", { hint: "search when it is done" });
  const { output, signal } = context;
  const config = context.config();
  const { home } = config;
  await using archive = await openRun(context, config, "search");
  let done = 0;
  using _line = output.progress(() => `indexed ${countText(done)}`);
  const onProgress = (count: number) => (done = count);
  const { clips, troubles } = await rebuildIndex({ db: archive.db, signal, onProgress });
  return {
    document: { clips, troubles },
    lines: [home, `index rebuilt: ${countOf(clips, "clip")}`],
    notes: troubles.map((trouble) => `repaired: ${trouble}`),
  };
}
