import type { Database } from "./connection.ts";

const LISTED = 20;

/** Clips that search would not find, or would find by words that they do not have; at most 20 lines. */
export function checkFullText({ $client: client }: Database, full: boolean): string[] {
  const differs = ["title", "lyric", "prompt", "sound"].map(
    (column) => `clips_fts.${column} is not separate_cjk(clips.${column})`,
  );
  const wrong = full ? ` or ${differs.join(" or ")}` : "";
  const clips = client
    .prepare<[], { id: string; indexed: number }>(
      `select clips.id, clips_fts.rowid is not null as indexed
       from clips left join clips_fts on clips_fts.rowid = clips.rowid_key
       where clips_fts.rowid is null${wrong} limit ${LISTED}`,
    )
    .all();
  const nobody = client
    .prepare<[], number>(`select rowid from clips_fts where rowid not in (select rowid_key from clips) limit ${LISTED}`)
    .pluck()
    .all();
  return [
    ...clips.map(({ id, indexed }) => `clip ${id}: ${indexed ? "indexed by other words than it has" : "not indexed"}`),
    ...nobody.map((row) => `the index has words of row ${row}, which is no clip`),
  ].slice(0, LISTED);
}
