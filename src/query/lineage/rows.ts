import { sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { isoTime } from "../../lib/time/dates.ts";
import { SHOWN_STATE } from "../shown-state.ts";

/** A member of a family: a clip, an uploaded memo, a task that shows no clip, or an id that is not in the archive. */
export type LineageNode = {
  id: string;
  kind: "clip" | "upload" | "task" | "unknown";
  /** The task that first brought it; null for an unknown id. */
  taskId: string | null;
  title: string | null;
  model: string | null;
  state: string | null;
  createdAt: string | null;
  /** Removed by the user (`rm`), or its texts blanked as well (`rm --purge`). */
  removed: boolean;
  purged: boolean;
  /** True for the clips or task that the lineage was asked for. */
  asked: boolean;
};

/** One step from a clip to what was made from it. `swap`: from the clip that was swapped in; a swap has a step of each role. */
export type LineageEdge = {
  from: string;
  to: string;
  role: "reference" | "swap";
  action: string | null;
  taskId: string;
  createdAt: string | null;
  /** Seconds into the parent song. */
  continueAt: number | null;
  replaceSectionStart: number | null;
  replaceSectionEnd: number | null;
};

export type BareNode = Omit<LineageNode, "asked">;
type Timed<Row> = Omit<Row, "createdAt"> & { createdAt: number | null };

const STEP = sql`coalesce(action, tasks.type) as action, tasks.id as "taskId", tasks.created_at as "createdAt",
  continue_at as "continueAt", replace_section_start as "replaceSectionStart", replace_section_end as "replaceSectionEnd"`;

/** Every step that leads to one of these clips. */
export function stepsTo(db: Database, clipIds: string[]): LineageEdge[] {
  const each = sql`json_each(${JSON.stringify(clipIds)}) cross join task_clips on clip_id = value cross join tasks on tasks.id = task_id`;
  return edges(
    db,
    sql`
    select reference_audio_id as "from", clip_id as "to", 'reference' as role, ${STEP} from ${each} where reference_audio_id is not null
    union all select swap_audio_id, clip_id, 'swap', ${STEP} from ${each} where swap_audio_id is not null`,
  );
}

/** Every step from one of these clips to a task that shows no clip: it is running, failed, or made a video. */
export function stepsToTasks(db: Database, clipIds: string[]): LineageEdge[] {
  const each = sql`json_each(${JSON.stringify(clipIds)}) cross join tasks`;
  const bare = sql`not exists (select 1 from task_clips where task_id = tasks.id)`;
  return edges(
    db,
    sql`
    select reference_audio_id as "from", tasks.id as "to", 'reference' as role, ${STEP} from ${each} on reference_audio_id = value where ${bare}
    union all select swap_audio_id, tasks.id, 'swap', ${STEP} from ${each} on swap_audio_id = value where ${bare}`,
  );
}

/** The nodes of these ids; unknown ids are left out. For an id of both a task and a clip, the clip comes last. */
export function nodesOf(db: Database, ids: string[]): BareNode[] {
  const list = sql`(select value as wanted from json_each(${JSON.stringify(ids)}))`;
  const rows = db.all<
    Timed<Omit<BareNode, "removed" | "purged">> & { removedAt: number | null; purgedAt: number | null }
  >(sql`
    select id, 'task' as kind, id as "taskId", title, model, state, created_at as "createdAt", null as "removedAt", null as "purgedAt"
    from ${list} cross join tasks on id = wanted
    union all
    select wanted, 'task', wanted, null, null, ${SHOWN_STATE}, null, null, null
    from ${list} cross join tracked_tasks on task_id = wanted left join tasks on tasks.id = wanted where tasks.id is null
    union all
    select id, 'clip', task_id, title, model, state, created_at, removed_at, purged_at
    from ${list} cross join clips on id = wanted`);
  return rows.map(({ removedAt, purgedAt, ...row }) => ({
    ...row,
    createdAt: isoTime(row.createdAt),
    removed: removedAt !== null,
    purged: purgedAt !== null,
  }));
}

/**
 * The uploads that brought these ids, or all uploads of one task. The clip of an upload is only named in its document, so
 * all uploads are read: call this only when something was made from one.
 */
export function uploadsOf(db: Database, which: { ids: string[] } | { taskId: string }): BareNode[] {
  const wanted =
    "taskId" in which
      ? sql`"taskId" = ${which.taskId}`
      : sql`id in (select value from json_each(${JSON.stringify(which.ids)}))`;
  const rows = db.all<Timed<BareNode>>(sql`
    select * from (
      select coalesce(json_extract(document, '$.response.data.audio_id'), json_extract(document, '$.data.audio_id')) as id,
        'upload' as kind, tasks.id as "taskId", title, model, state, created_at as "createdAt"
      from tasks join task_documents on task_documents.task_id = tasks.id and version = document_version
      where type = 'upload' and json_valid(document)
    ) where ${wanted} and typeof(id) = 'text'`);
  return rows.map((row) => ({ ...row, createdAt: isoTime(row.createdAt), removed: false, purged: false }));
}

function edges(db: Database, query: ReturnType<typeof sql>): LineageEdge[] {
  return db
    .all<Timed<LineageEdge>>(query)
    .filter(({ from, to }) => from !== to)
    .map((row) => ({ ...row, createdAt: isoTime(row.createdAt) }));
}
