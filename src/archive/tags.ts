import { sql } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { knownTags } from "../db/known-tags.ts";
import { foldTag } from "../lib/text/tag-names.ts";
import type { Journal } from "./journal/entry.ts";

/** Tag names as `tagName` returns them. */
export type TagChange = { added: string[]; removed: string[] };

/** How many clips change, and how many tags are added and removed, counted per clip. */
export type TagsChanged = { changed: number; added: number; removed: number };

/** Adds the user's tags to clips and removes others. A tag that is already as wanted is neither written nor journalled. */
export function changeTags(
  { db, journal }: { db: Database; journal: Journal },
  clipIds: string[],
  change: TagChange,
  now: number,
): TagsChanged {
  return journal.write((append) => {
    const { toAdd, toRemove } = plan(db, clipIds, change);
    const ids = JSON.stringify(distinct([...toAdd, ...toRemove], "id"));
    const [added, removed] = [distinct(toAdd, "tag"), distinct(toRemove, "tag")];
    if (toAdd.length + toRemove.length > 0)
      append([{ type: "tag", at: now, clipIds: JSON.parse(ids) as string[], added, removed }], now);
    db.run(sql`insert or ignore into clip_tags (clip_id, tag, added_at)
      select ids.value, tags.value, ${now}
      from json_each(${ids}) as ids cross join json_each(${JSON.stringify(added)}) as tags where true`);
    db.run(sql`delete from clip_tags where clip_id in (select value from json_each(${ids}))
      and tag in (select value from json_each(${JSON.stringify(removed)}))`);
    return count(toAdd, toRemove);
  });
}

/** Counts what `changeTags` would do. Writes nothing. */
export function planTags(db: Database, clipIds: string[], change: TagChange): TagsChanged {
  const { toAdd, toRemove } = plan(db, clipIds, change);
  return count(toAdd, toRemove);
}

type Pair = { id: string; tag: string };

/** A tag that is in use keeps its first spelling. Clips that do not exist or were purged get no tag. */
function plan(db: Database, clipIds: string[], { added, removed }: TagChange) {
  const known = knownTags(db);
  const ids = sql`(select value from json_each(${JSON.stringify(clipIds)}))`;
  const wanted = [...new Map(added.toReversed().map((name) => [foldTag(name), name]))].toReversed();
  const addedTags = JSON.stringify(wanted.map(([folded, name]) => known.get(folded)?.[0] ?? name));
  const removedTags = JSON.stringify(removed.flatMap((name) => known.get(foldTag(name)) ?? []));
  const toAdd = db.all<Pair>(sql`
    select clips.id, tags.value as tag from clips cross join json_each(${addedTags}) as tags
    where clips.id in ${ids} and purged_at is null
      and not exists (select 1 from clip_tags where clip_id = clips.id and clip_tags.tag = tags.value)`);
  const toRemove = db.all<Pair>(sql`
    select clip_id as id, tag from clip_tags
    where clip_id in ${ids} and tag in (select value from json_each(${removedTags}))`);
  return { toAdd, toRemove };
}

function count(toAdd: Pair[], toRemove: Pair[]): TagsChanged {
  const changed = distinct([...toAdd, ...toRemove], "id").length;
  return { changed, added: toAdd.length, removed: toRemove.length };
}

function distinct(pairs: Pair[], column: keyof Pair): string[] {
  return [...new Set(pairs.map((pair) => pair[column]))];
}
