import { sql } from "drizzle-orm";
import { foldTag } from "../lib/text/tag-names.ts";
import type { Database } from "./connection.ts";

/**
 * Every tag in use as it is written, by `foldTag`: one spelling each, unless another program wrote several. Takes one look
 * into the index for each tag, however many clips bear it.
 */
export function knownTags(db: Database): Map<string, string[]> {
  const rows = db.all<{ tag: string }>(sql`
    with recursive own(tag) as (
      select min(tag) from clip_tags
      union all
      select (select min(tag) from clip_tags where clip_tags.tag > own.tag) from own where own.tag is not null
    )
    select tag from own where tag is not null`);
  return Map.groupBy(
    rows.map(({ tag }) => tag),
    foldTag,
  );
}
