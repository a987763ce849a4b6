import { sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";

/** A word that completes the input, and a description of it (may be empty). */
export type Candidate = { value: string; about: string };

/** A shell completes at each press of a key: at most this many candidates, and no query reads a whole table. */
const MAX_CANDIDATES = 50;
/** Rows that are searched for words in use (the newest clips) and for ids that are no longer tracked. */
const MAX_ROWS = 5000;
/** Sorts after every character that an id contains. */
const AFTER_EVERY_ID = "\u{10ffff}";

/** The title of a task's first clip: a task seldom has a title of its own. */
const TASK_TITLE = sql`(select title from task_clips join clips on clips.id = clip_id
  where task_clips.task_id = listed.id order by position limit 1)`;

/** Clips and tasks whose id begins with `prefix`; without a prefix the newest clips. */
export function completeIds(db: Database, prefix: string): Candidate[] {
  if (!prefix) return newestClips(db);
  const to = prefix + AFTER_EVERY_ID;
  return db.all<Candidate>(sql`
    select * from (select id as value, coalesce(title, '') as about from clips where id between ${prefix} and ${to} limit ${MAX_CANDIDATES})
    union all
    select * from (select id, 'task' || coalesce(': ' || ${TASK_TITLE}, '') from tasks as listed where id between ${prefix} and ${to} limit ${MAX_CANDIDATES})
    limit ${MAX_CANDIDATES}`);
}

/** Clips whose id begins with `prefix`; without a prefix the newest. */
export function completeClips(db: Database, prefix: string): Candidate[] {
  if (!prefix) return newestClips(db);
  return db.all<Candidate>(sql`
    select id as value, coalesce(title, '') as about from clips
    where id between ${prefix} and ${prefix + AFTER_EVERY_ID} order by id limit ${MAX_CANDIDATES}`);
}

/** Tasks whose id begins with `prefix`, tracked ones or (`tracked` false) untracked ones; without a prefix those added last. */
export function completeTracked(db: Database, prefix: string, tracked: boolean): Candidate[] {
  const filter = prefix ? sql`where task_id between ${prefix} and ${prefix + AFTER_EVERY_ID}` : sql``;
  const order = prefix ? sql`task_id` : sql`rowid desc`;
  return db.all<Candidate>(sql`
    select id as value, state || coalesce(': ' || ${TASK_TITLE}, '') as about from (
      select task_id as id, state, untracked_at from tracked_tasks ${filter} order by ${order} limit ${MAX_ROWS}
    ) as listed
    where untracked_at is ${tracked ? sql`null` : sql`not null`} limit ${MAX_CANDIDATES}`);
}

/** The models, or the actions, of the newest clips. */
export function completeWords(db: Database, column: "model" | "action"): Candidate[] {
  return db.all<Candidate>(sql`
    select word as value, '' as about
    from (select ${sql.identifier(column)} as word from clips order by created_at desc, rowid_key desc limit ${MAX_ROWS})
    where coalesce(word, '') <> '' group by word order by count(*) desc, word limit ${MAX_CANDIDATES}`);
}

/** The user's tags that begin with `prefix`, one index lookup each. */
export function completeTags(db: Database, prefix: string): Candidate[] {
  return db.all<Candidate>(sql`
    with recursive own(tag) as (
      select min(tag) from clip_tags where tag >= ${prefix}
      union all
      select (select min(tag) from clip_tags where clip_tags.tag > own.tag) from own where own.tag is not null limit 1000
    )
    select tag as value, '' as about from own where tag between ${prefix} and ${prefix + AFTER_EVERY_ID} limit ${MAX_CANDIDATES}`);
}

/** The user's playlists. */
export function completePlaylists(db: Database): Candidate[] {
  return db.all<Candidate>(sql`select name as value, comment as about from playlists order by name limit 1000`);
}

function newestClips(db: Database): Candidate[] {
  return db.all<Candidate>(sql`
    select id as value, coalesce(title, '') as about from clips
    order by created_at desc, rowid_key desc limit ${MAX_CANDIDATES}`);
}
