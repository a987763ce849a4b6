import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { knownTags } from "../../db/known-tags.ts";
import { foldTag } from "../../lib/text/tag-names.ts";
import type { Filter } from "./filter.ts";

/** A tag and the number of clips that have it; removed clips do not count. */
export type TagCount = { tag: string; clips: number };

/** Every tag of the archive in alphabetical order. */
export function listTags(db: Database): TagCount[] {
  const rows = db.all<TagCount>(sql`
    select tag, count(*) filter (where clip_id not in (select id from clips where removed_at is not null)) as clips
    from clip_tags group by tag`);
  return rows.toSorted((one, other) => compare(foldTag(one.tag), foldTag(other.tag)));
}

/** The tags of each of these clips in alphabetical order; clips without tags are absent. */
export function tagsOf(db: Database, clipIds: string[]): Map<string, string[]> {
  const rows = db.all<{ id: string; tag: string }>(sql`
    select clip_id as id, tag from clip_tags where clip_id in (select value from json_each(${JSON.stringify(clipIds)}))`);
  const sorted = rows.toSorted((one, other) => compare(foldTag(one.tag), foldTag(other.tag)));
  const grouped = Map.groupBy(sorted, ({ id }) => id);
  return new Map([...grouped].map(([id, tags]) => [id, tags.map(({ tag }) => tag)]));
}

/** Adds to each clip its tags. */
export function withTags<Clip extends { id: string }>(db: Database, clips: Clip[]): (Clip & { tags: string[] })[] {
  const tags = tagsOf(
    db,
    clips.map(({ id }) => id),
  );
  return clips.map((clip) => ({ ...clip, tags: tags.get(clip.id) ?? [] }));
}

/** The filter's tags as conditions on `id`. `holders` is a select, from `clip_tags`, of the ids that have a tag. */
export function tagConditions(
  db: Database,
  { tagged, untagged }: Pick<Filter, "tagged" | "untagged">,
  { id, holders }: { id: SQL; holders: SQL },
): SQL[] {
  if (!tagged && !untagged) return [];
  const known = knownTags(db);
  const idsWithTags = (names: string[]) => {
    const spellings = names.flatMap((name) => known.get(foldTag(name)) ?? []);
    return sql`(${holders} where clip_tags.tag in (select value from json_each(${JSON.stringify(spellings)})))`;
  };
  const conditions = tagged ? [sql`${id} in ${idsWithTags(tagged)}`] : [];
  if (untagged) conditions.push(sql`${id} not in ${untagged === "all" ? sql`(${holders})` : idsWithTags(untagged)}`);
  return conditions;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
