import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import type { AssetKind } from "../../lib/asset-kinds.ts";

/** Up to this many files are looked up one by one; with more it is faster to scan the clips. */
const FEW = 20_000;

const STORED = (kind: AssetKind) =>
  sql`exists (select 1 from assets where assets.clip_id = clips.id and assets.kind = ${kind} and assets.state = 'stored')`;

/** Clips with a stored file of a kind. When there are few such files, the clips are found through them. */
export function hasStored(db: Database, kind: AssetKind): SQL {
  if (!isFew(db, kind, ["stored"])) return STORED(kind);
  return sql`clips.id in (select clip_id from assets where kind = ${kind} and state = 'stored' and clip_id is not null)`;
}

/** Kinds with an index on the clips that have no such URL. */
const WITHOUT_URL: Partial<Record<AssetKind, SQL>> = { audio: sql`audio_url is null`, image: sql`image_url is null` };

/**
 * Clips without a stored file of a kind. A complete library has none, and finding that out must not scan it: then only
 * clips with a file in another state, without a URL, or in a state other than succeeded are looked at.
 */
export function lacksStored(db: Database, kind: AssetKind): SQL {
  const lacks = sql`not ${STORED(kind)}`;
  const without = WITHOUT_URL[kind];
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
