import { sql } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { knownTags } from "../db/known-tags.ts";
import { foldTag } from "../lib/text/tag-names.ts";
import type { Journal } from "./journal/journal.ts";
import { write } from "./transaction.ts";

/** Names by `tagName`. */
export type TagChange = { added: string[]; removed: string[] };

/** How many clips change, and how many tags are put on and taken off, each counted for each clip. */
export type TagsChanged = { changed: number; added: number; removed: number };

/** Puts tags of their owner on clips and takes others off. What stands so already is left as it is, and told nowhere. */
export function changeTags(
  { db, journal }: { db: Database; journal: Journal },
  clipIds: string[],
  change: TagChange,
  now: number,
): TagsChanged {
  return write(db, () => {
    const { lacking, leaving } = plan(db, clipIds, change);
    const ids = JSON.stringify(distinct([...lacking, ...leaving], "id"));
    const [added, removed] = [distinct(lacking, "tag"), distinct(leaving, "tag")];
    if (lacking.length + leaving.length > 0)
      journal.append([{ type: "tag", at: now, clipIds: JSON.parse(ids) as string[], added, removed }], now);
    db.run(sql`insert or ignore into clip_tags (clip_id, tag, added_at)
      select ids.value, tags.value, ${now}
      from json_each(${ids}) as ids cross join json_each(${JSON.stringify(added)}) as tags where true`);
    db.run(sql`delete from clip_tags where clip_id in (select value from json_each(${ids}))
      and tag in (select value from json_each(${JSON.stringify(removed)}))`);
    return count(lacking, leaving);
  });
}

/** What `changeTags` would do. Writes nothing. */
export function planTags(db: Database, clipIds: string[], change: TagChange): TagsChanged {
  const { lacking, leaving } = plan(db, clipIds, change);
  return count(lacking, leaving);
}

type Pair = { id: string; tag: string };

/** A name that is in use is written as it was first. Clips that are not here, or were purged, take no tag. */
function plan(db: Database, clipIds: string[], { added, removed }: TagChange) {
  const known = knownTags(db);
  const ids = sql`(select value from json_each(${JSON.stringify(clipIds)}))`;
  const wanted = [...new Map(added.toReversed().map((name) => [foldTag(name), name]))].toReversed();
  const put = JSON.stringify(wanted.map(([folded, name]) => known.get(folded)?.[0] ?? name));
  const taken = JSON.stringify(removed.flatMap((name) => known.get(foldTag(name)) ?? []));
  const lacking = db.all<Pair>(sql`
    select clips.id, tags.value as tag from clips cross join json_each(${put}) as tags
    where clips.id in ${ids} and purged_at is null
      and not exists (select 1 from clip_tags where clip_id = clips.id and clip_tags.tag = tags.value)`);
  const leaving = db.all<Pair>(sql`
    select clip_id as id, tag from clip_tags
    where clip_id in ${ids} and tag in (select value from json_each(${taken}))`);
  return { lacking, leaving };
}

function count(lacking: Pair[], leaving: Pair[]): TagsChanged {
  const changed = distinct([...lacking, ...leaving], "id").length;
  return { changed, added: lacking.length, removed: leaving.length };
}

function distinct(pairs: Pair[], column: keyof Pair): string[] {
  return [...new Set(pairs.map((pair) => pair[column]))];
}
