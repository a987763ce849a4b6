import type { Database } from "../../db/connection.ts";
import { hideCallbackSecrets, SECRET_PREFIX } from "../../lib/text/callback-secret.ts";

/** The record of a task, each character as it came but for the secret of a callback address of ours. */
export type FoundDocument = { taskId: string; state: string; fetchedAt: number; document: string };

/** Records one after the other, separated by commas; undefined when there is none. `fetchedAt`: of the oldest. */
export type JoinedDocuments = { count: number; fetchedAt: number | null; text: Buffer | null };

type Wanted = [{ ids: string; mayBePurged: number }];
type Finder = {
  join(ids: readonly string[]): JoinedDocuments | undefined;
  find(ids: readonly string[]): FoundDocument[];
};
const FINDERS = new WeakMap<Database, Finder>();

/** The order of the API's answers, as far as it is known. */
export const NEWEST_FIRST = "tasks.created_at desc, tasks.id desc";

/** True of a task of which nothing is left but ids and dates. */
export const IS_PURGED = `exists (select 1 from task_clips as shown where shown.task_id = tasks.id) and not exists (
  select 1 from task_clips as shown join clips on clips.id = shown.clip_id
  where shown.task_id = tasks.id and purged_at is null)`;

/**
 * The records of tasks, the newest task first. Ids that have none are left out, as are bodies of synchronous answers, and
 * tasks whose every clip was purged. Joined by the database: the quickest way for some dozens.
 */
export function joinDocuments(db: Database, ids: readonly string[]): JoinedDocuments {
  const found = finderOf(db).join(ids) ?? { count: 0, fetchedAt: null, text: null };
  if (!found.text?.includes(SECRET_PREFIX)) return found;
  return { ...found, text: Buffer.from(hideCallbackSecrets(found.text.toString())) };
}

/** The same, each by itself. */
export function findDocuments(db: Database, ids: readonly string[]): FoundDocument[] {
  return finderOf(db)
    .find(ids)
    .map((found) => ({ ...found, document: hideCallbackSecrets(found.document) }));
}

function finderOf(db: Database): Finder {
  const finder = FINDERS.get(db) ?? prepareFinder(db);
  FINDERS.set(db, finder);
  return finder;
}

const WANTED = "from json_each(@ids) as wanted cross join tasks on tasks.id = wanted.value";
const SHOWN = `not (@mayBePurged and ${IS_PURGED})`;
/** The record that a task's row was made of. */
const CURRENT = `${WANTED} cross join task_documents as saved
  on saved.task_id = tasks.id and saved.version = tasks.document_version where saved.kind = 'record' and ${SHOWN}`;
/** The same, and where the row was made of the body of a synchronous answer, the newest of the poorer records. */
const CURRENT_OR_POORER = `${WANTED} cross join task_documents as saved on saved.task_id = tasks.id and saved.version = (
    select version from task_documents as older where older.task_id = tasks.id and older.kind = 'record'
    order by older.version = tasks.document_version desc, older.version desc limit 1) where ${SHOWN}`;

function prepareFinder({ $client }: Database): Finder {
  const anyPurged = $client.prepare(
    "select 1 from clips where removed_at is not null and purged_at is not null limit 1",
  );
  const join = (from: string) =>
    $client.prepare<Wanted, JoinedDocuments>(`select count(*) as count, min(fetched_at) as "fetchedAt",
      cast(group_concat(document, ',' order by ${NEWEST_FIRST}) as blob) as text ${from}`);
  const [quick, whole] = [join(CURRENT), join(CURRENT_OR_POORER)];
  const each = $client.prepare<
    Wanted,
    FoundDocument
  >(`select tasks.id as "taskId", tasks.state, fetched_at as "fetchedAt",
    document ${CURRENT_OR_POORER} order by ${NEWEST_FIRST}`);
  const words = (distinct: string[]) => ({
    ids: JSON.stringify(distinct),
    mayBePurged: anyPurged.get() === undefined ? 0 : 1,
  });
  return {
    join: (ids) => {
      const distinct = inLowerCase(ids);
      const found = quick.get(words(distinct));
      return found?.count === distinct.length ? found : whole.get(words(distinct));
    },
    find: (ids) => each.all(words(inLowerCase(ids))),
  };
}

/** As ids are kept. */
function inLowerCase(ids: readonly string[]): string[] {
  return [...new Set(ids.map((id) => id.toLowerCase()))];
}
