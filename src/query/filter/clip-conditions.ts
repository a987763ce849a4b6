import { and, gte, inArray, isNotNull, lt, lte, sql, type SQL } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { clips } from "../../db/schema.ts";
import { UsageError } from "../../lib/errors.ts";
import { hasStored, lacksStored } from "./file-conditions.ts";
import type { Filter } from "./filter.ts";
import { markConditions } from "./marks.ts";
import { tagConditions } from "./tags.ts";
import { lineageStart } from "../lineage/lineage.ts";
import { findPlaylist } from "../playlists/find-playlist.ts";
import { childrenOf, descendants } from "../lineage/ids.ts";
import { textCondition } from "./text-conditions.ts";

/** Row keys of removed clips: few, and read from an index of their own, so that no clip row is read for this. */
export const REMOVED_KEYS = sql`(select rowid_key from clips where removed_at is not null)`;

/** The filter as a condition on `clips`; removed clips match only with `removed`. Throws UsageError. */
export function clipConditions(db: Database, filter: Filter): SQL | undefined {
  return and(
    filter.model && inArray(clips.model, filter.model),
    filter.action && inArray(clips.action, filter.action),
    filter.state && inArray(clips.state, filter.state),
    filter.since === undefined ? undefined : gte(clips.createdAt, filter.since),
    filter.until === undefined ? undefined : lt(clips.createdAt, filter.until),
    filter.minSeconds === undefined ? undefined : gte(clips.durationSeconds, filter.minSeconds),
    filter.maxSeconds === undefined ? undefined : lte(clips.durationSeconds, filter.maxSeconds),
    filter.removed ? isNotNull(clips.removedAt) : sql`${clips.rowidKey} not in ${REMOVED_KEYS}`,
    filter.among && sql`clips.rowid_key in (select value from json_each(${JSON.stringify(filter.among)}))`,
    filter.instrumental === undefined ? undefined : isInstrumental(db, filter.instrumental),
    ...clipContentConditions(db, filter),
    ...(filter.has ?? []).map((kind) => hasStored(db, kind)),
    ...(filter.missing ?? []).map((kind) => lacksStored(db, kind)),
    ...markConditions(filter, { id: sql`${clips.id}`, holders: sql`select clip_id from clip_marks` }),
    ...tagConditions(db, filter, { id: sql`${clips.id}`, holders: sql`select clip_id from clip_tags` }),
  );
}

/** The filter's conditions on seed, lineage, text and playlist of `clips`. Throws UsageError for an id or playlist that the archive does not know. */
export function clipContentConditions(db: Database, filter: Filter): SQL[] {
  const { seed, root, childrenOf: parent, text, playlist } = filter;
  const conditions: SQL[] = [];
  if (playlist !== undefined) {
    const id = findPlaylist(db, playlist);
    conditions.push(sql`clips.id in (select clip_id from playlist_clips where playlist_id = ${id})`);
  }
  if (seed) conditions.push(sql`clips.seed in ${inValues(seed)}`);
  if (root !== undefined)
    conditions.push(sql`clips.id in ${inValues(descendants(db, clipsNamed(db, root, "--root")))}`);
  if (parent !== undefined) {
    const children = clipsNamed(db, parent, "--children-of").map((id) => sql`clips.id in ${childrenOf(id)}`);
    conditions.push(sql`(${sql.join(children, sql` or `)})`);
  }
  if (text !== undefined) conditions.push(textCondition(db, text));
  return conditions;
}

function clipsNamed(db: Database, id: string, flag: string): string[] {
  try {
    return lineageStart(db, id);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const { code, hint } = error;
    throw new UsageError(`${flag}: ${error.message}`, { code, hint, cause: error });
  }
}

/** Up to this many tasks are looked up one by one; with more it is faster to scan all clips. */
const FEW = 2000;

/** Read from an index that contains only the ids of such tasks: otherwise SQLite reads the whole row of each. */
const OF_INSTRUMENTAL_TASK = sql`exists (select 1 from tasks indexed by tasks_instrumental
    where tasks.id = clips.task_id and tasks.instrumental)`;

/** Clips whose task was requested as instrumental or not. When few tasks are, the clips are found through them. */
export function isInstrumental(db: Database, wanted: boolean): SQL {
  if (!wanted) return sql`not ${OF_INSTRUMENTAL_TASK}`;
  const { tasks } = db.get<{ tasks: number }>(
    sql`select count(*) as tasks from (select 1 from tasks where instrumental limit ${FEW + 1})`,
  );
  if (tasks > FEW) return OF_INSTRUMENTAL_TASK;
  return sql`clips.id in (select clip_id from task_clips where task_id in (select id from tasks where instrumental))
    and ${OF_INSTRUMENTAL_TASK}`;
}

/** A list for `in`, passed as one parameter however long it is. */
export function inValues(texts: string[]): SQL {
  return sql`(select value from json_each(${JSON.stringify(texts)}))`;
}
