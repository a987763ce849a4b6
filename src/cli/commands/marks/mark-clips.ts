import { openForReading } from "../../../app/archive.ts";
import { changeArchive } from "../../../app/write-archive.ts";
import { changeMarks, planMarks } from "../../../archive/marks/marks.ts";
import type { Config } from "../../../config.ts";
import { UsageError } from "../../../lib/errors.ts";
import { countOf, countText } from "../../../print/output/numbers.ts";
import { findClips, type NamedClip } from "../../../query/lists/clips-of.ts";
import type { Outcome } from "../../command.ts";
import { readIds } from "../../options/tag-words.ts";

export type MarkOptions = { json?: boolean; dryRun?: boolean };

/** Gives the clips that these words name a star or rating, or says what that would change. `done`: `starred`. */
export async function markClips(
  config: Config,
  words: string[],
  change: { starred: boolean } | { rating: number },
  { dryRun = false, done }: { dryRun?: boolean | undefined; done: string },
): Promise<Outcome> {
  const ids = await readIds(words);
  if (ids.length === 0)
    throw new UsageError("no id of a clip", { code: "no_ids", hint: "name clips, or use - for standard input" });
  const { clips, changed } = dryRun ? await plan(config, ids, change) : apply(config, ids, change);
  const sentence = `${countText(changed)} of ${countOf(clips, "song")} ${dryRun ? "would be " : ""}${done}`;
  const others = changed < clips ? "; the others were so already" : "";
  return { document: { clips, changed }, lines: [`${config.home} · ${sentence}${others}`] };
}

type Change = Parameters<typeof planMarks>[2];

function apply(config: Config, ids: string[], change: Change) {
  return changeArchive(config, (archive) => {
    const clips = findClips(archive.db, ids).map(notPurged);
    return { clips: clips.length, changed: changeMarks(archive, clips, change, Date.now()) };
  });
}

async function plan(config: Config, ids: string[], change: Change) {
  using archive = await openForReading(config);
  const clips = findClips(archive.db, ids).map(notPurged);
  return { clips: clips.length, changed: planMarks(archive.db, clips, change) };
}

function notPurged({ id, purgedAt }: NamedClip): string {
  if (purgedAt === null) return id;
  throw new UsageError(`${id} was purged: it takes no stars and ratings`, { code: "purged" });
}
