import { sql } from "drizzle-orm";
import { foldTag } from "../lib/text/tag-names.ts";
import type { Database } from "./connection.ts";

/**
 * The spellings of every tag in use, by the folded name (`foldTag`): one spelling each, unless another program wrote
 * several. Needs one index lookup per tag, however many clips have it.
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
