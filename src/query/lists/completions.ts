import { sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";

/** Something that can be typed, and what it is, as far as there is more to say. */
export type Candidate = { value: string; about: string };

/** A shell asks at each press of a key: never more than so many, and nothing that reads a whole table. */
const MOST = 50;
/** The words in use are those of the newest clips; ids that are no more tracked are sought among so many. */
const LOOKED_AT = 5000;
/** Sorts after every character that an id has. */
const LAST = "\u{10ffff}";

/** A task has seldom a title of its own: its first clip's. */
const TASK_TITLE = sql`(select title from task_clips join clips on clips.id = clip_id
  where task_clips.task_id = listed.id order by position limit 1)`;

/** Clips and tasks whose id begins with `prefix`; without one, the newest clips. */
export function completeIds(db: Database, prefix: string): Candidate[] {
  if (!prefix) return newestClips(db);
  const to = prefix + LAST;
  return db.all<Candidate>(sql`
    select * from (select id as value, coalesce(title, '') as about from clips where id between ${prefix} and ${to} limit ${MOST})
    union all
    select * from (select id, 'task' || coalesce(': ' || ${TASK_TITLE}, '') from tasks as listed where id between ${prefix} and ${to} limit ${MOST})
    limit ${MOST}`);
}

/** Clips whose id begins with `prefix`; without one, the newest. */
export function completeClips(db: Database, prefix: string): Candidate[] {
  if (!prefix) return newestClips(db);
  return db.all<Candidate>(sql`
    select id as value, coalesce(title, '') as about from clips
    where id between ${prefix} and ${prefix + LAST} order by id limit ${MOST}`);
}

/** Tasks that are tracked, or that were and are no more, whose id begins with `prefix`; without one, those added last. */
export function completeTracked(db: Database, prefix: string, tracked: boolean): Candidate[] {
  const narrowed = prefix ? sql`where task_id between ${prefix} and ${prefix + LAST}` : sql``;
  const order = prefix ? sql`task_id` : sql`rowid desc`;
  return db.all<Candidate>(sql`
    select id as value, state || coalesce(': ' || ${TASK_TITLE}, '') as about from (
      select task_id as id, state, untracked_at from tracked_tasks ${narrowed} order by ${order} limit ${LOOKED_AT}
    ) as listed
    where untracked_at is ${tracked ? sql`null` : sql`not null`} limit ${MOST}`);
}

/** The models, or the actions, of the newest clips. */
export function completeWords(db: Database, column: "model" | "action"): Candidate[] {
  return db.all<Candidate>(sql`
    select word as value, '' as about
    from (select ${sql.identifier(column)} as word from clips order by created_at desc, rowid_key desc limit ${LOOKED_AT})
    where coalesce(word, '') <> '' group by word order by count(*) desc, word limit ${MOST}`);
}

/** A person's own tags, one look into their index each. */
export function completeTags(db: Database, prefix: string): Candidate[] {
  return db.all<Candidate>(sql`
    with recursive own(tag) as (
      select min(tag) from clip_tags where tag >= ${prefix}
      union all
      select (select min(tag) from clip_tags where clip_tags.tag > own.tag) from own where own.tag is not null limit 1000
    )
    select tag as value, '' as about from own where tag between ${prefix} and ${prefix + LAST} limit ${MOST}`);
}

function newestClips(db: Database): Candidate[] {
  return db.all<Candidate>(sql`
    select id as value, coalesce(title, '') as about from clips
    order by created_at desc, rowid_key desc limit ${MOST}`);
}
