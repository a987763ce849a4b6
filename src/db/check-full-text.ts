import type { Database } from "./connection.ts";
import { isOldIndex } from "./full-text.ts";

const MAX_LINES = 20;

/**
 * What is wrong with the full-text index, at most 20 lines: clips that it lacks, and rows that belong to no clip. `full`
 * also compares the indexed texts.
 */
export function checkFullText({ $client: client }: Database, full: boolean): string[] {
  const convert = isOldIndex({ $client: client }) ? "separate_cjk" : "index_text";
  const differs = ["title", "lyric", "prompt", "sound"].map(
    (column) => `clips_fts.${column} is not ${convert}(clips.${column})`,
  );
  const wrong = full ? ` or ${differs.join(" or ")}` : "";
  const clips = client
    .prepare<[], { id: string; indexed: number }>(
      `select clips.id, clips_fts.rowid is not null as indexed
       from clips left join clips_fts on clips_fts.rowid = clips.rowid_key
       where clips_fts.rowid is null${wrong} limit ${MAX_LINES}`,
    )
    .all();
  const orphans = client
    .prepare<[], number>(
      `select rowid from clips_fts where rowid not in (select rowid_key from clips) limit ${MAX_LINES}`,
    )
    .pluck()
    .all();
  return [
    ...clips.map(
      ({ id, indexed }) => `clip ${id}: ${indexed ? "indexed with other words than it has" : "not indexed"}`,
    ),
    ...orphans.map((row) => `the index has words of row ${row}, which is not a clip`),
  ].slice(0, MAX_LINES);
}
