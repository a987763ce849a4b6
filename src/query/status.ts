import { sql } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import type { AssetKind } from "../lib/asset-kinds.ts";
import { lastRun, lastVerify, type RunReport, type VerifyReport } from "./runs.ts";

export type Tracked = Record<"total" | "pending" | "succeeded" | "partial" | "failed" | "missing" | "stale", number>;

export type Status = {
  tracked: Tracked;
  /** Rows. */
  tasks: number;
  clips: number;
  assets: Record<"wanted" | "stored" | "failed" | "gone" | "bytes", number>;
  /** Clips whose every wanted asset is stored. */
  safe: number;
  lastRun: RunReport | null;
  lastVerify: VerifyReport | null;
  lastBackup: null;
};

export type StatusOptions = {
  /** Kinds of file that are mirrored; what is stored of another kind counts, what is missing of it does not. */
  kinds: AssetKind[];
  /** Milliseconds UTC. */
  now: number;
};

/** A task that is pending for longer than this is stale: it may never settle. */
const STALE_AFTER_MS = 24 * 3600 * 1000;

/** What is here and what is missing. Ids that were untracked are not counted as tracked. */
export function status(db: Database, { kinds, now }: StatusOptions): Status {
  return {
    tracked: tracked(db, now),
    ...db.get<{ tasks: number; clips: number }>(
      sql`select (select count(*) from tasks) as tasks, (select count(*) from clips) as clips`,
    ),
    assets: assetCounts(db, kinds),
    safe: safeClips(db, kinds),
    lastRun: lastRun(db),
    lastVerify: lastVerify(db),
    lastBackup: null,
  };
}

function tracked(db: Database, now: number): Tracked {
  const inState = (word: string) => sql`count(*) filter (where tracked_tasks.state = ${word})`;
  return db.get<Tracked>(sql`
    select count(*) as total, ${inState("pending")} as pending, ${inState("succeeded")} as succeeded,
      ${inState("partial")} as partial, ${inState("failed")} as failed, ${inState("missing")} as missing,
      count(*) filter (
        where tracked_tasks.state = 'pending' and coalesce(tasks.created_at, tracked_tasks.added_at) < ${now - STALE_AFTER_MS}
      ) as stale
    from tracked_tasks left join tasks on tasks.id = tracked_tasks.task_id
    where tracked_tasks.untracked_at is null`);
}

function assetCounts(db: Database, kinds: AssetKind[]): Status["assets"] {
  return db.get<Status["assets"]>(sql`
    select
      count(*) filter (where state = 'wanted' and ${mirrored(kinds)}) as wanted,
      count(*) filter (where state = 'stored') as stored,
      count(*) filter (where state = 'failed' and ${mirrored(kinds)}) as failed,
      count(*) filter (where state = 'gone' and ${mirrored(kinds)}) as gone,
      coalesce(sum(bytes) filter (where state = 'stored'), 0) as bytes
    from assets`);
}

/** At least one file, and none that is wanted, failed or gone: a song whose cover is lost is not safe. */
function safeClips(db: Database, kinds: AssetKind[]): number {
  const { safe } = db.get<{ safe: number }>(sql`
    select count(*) as safe from (
      select clip_id from assets where clip_id is not null and ${mirrored(kinds)}
      group by clip_id having min(state = 'stored') = 1
    )`);
  return safe;
}

function mirrored(kinds: AssetKind[]) {
  return sql`kind in (select value from json_each(${JSON.stringify(kinds)}))`;
}
