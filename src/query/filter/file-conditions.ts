import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import type { AssetKind } from "../../lib/asset-kinds.ts";

/** Up to so many files are looked up one by one; more are met soon by going through the clips. */
const FEW = 20_000;

const STORED = (kind: AssetKind) =>
  sql`exists (select 1 from assets where assets.clip_id = clips.id and assets.kind = ${kind} and assets.state = 'stored')`;

/** Clips with a stored file of a kind. Where these are few, they are found by their files and not by all clips. */
export function hasStored(db: Database, kind: AssetKind): SQL {
  if (!isFew(db, kind, ["stored"])) return STORED(kind);
  return sql`clips.id in (select clip_id from assets where kind = ${kind} and state = 'stored' and clip_id is not null)`;
}

/** Kinds whose absence an index knows: clips without such an address. */
const WITHOUT: Partial<Record<AssetKind, SQL>> = { audio: sql`audio_url is null`, image: sql`image_url is null` };

/**
 * Clips without one. A library that is whole has none, and must not be gone through to say so: then only clips with
 * another file in its place, without an address, or not settled are looked at.
 */
export function lacksStored(db: Database, kind: AssetKind): SQL {
  const lacks = sql`not ${STORED(kind)}`;
  const without = WITHOUT[kind];
  if (without === undefined || !isFew(db, kind, ["wanted", "failed", "gone"])) return lacks;
  return sql`clips.rowid_key in (
    select rowid_key from clips where ${without}
    union all select rowid_key from clips where state in ('pending', 'failed')
    union all select files.rowid_key from assets join clips as files on files.id = assets.clip_id
      where assets.kind = ${kind} and assets.state in ('wanted', 'failed', 'gone')
  ) and ${lacks}`;
}

function isFew(db: Database, kind: AssetKind, states: string[]): boolean {
  const { files } = db.get<{ files: number }>(sql`
    select count(*) as files from (select 1 from assets where state in ${states} and kind = ${kind} limit ${FEW + 1})`);
  return files <= FEW;
}
