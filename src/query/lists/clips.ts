import { join } from "node:path";
import { and, eq, gte, inArray, isNotNull, lt, lte, sql, type SQL } from "drizzle-orm";
import { alias } from "drizzle-orm/sqlite-core";
import type { Database } from "../../db/connection.ts";
import { assets, clips } from "../../db/schema.ts";
import { addAll } from "../../lib/add-all.ts";
import type { AssetKind } from "../../lib/asset-kinds.ts";
import { cursorAt, orderOf, placeColumns, rangesOf, type Place } from "../filter/clip-order.ts";
import { isoTime } from "../../lib/time/dates.ts";
import type { Filter, Page } from "../filter/filter.ts";
import { isInstrumental, ownConditions } from "../filter/clip-conditions.ts";
import { readInBatches } from "./read-in-batches.ts";
import { hasStored, lacksStored } from "../filter/file-conditions.ts";
import { tagConditions, withTags } from "../filter/tags.ts";

/** One clip as lists show it; paths are absolute, null unless the file is stored. */
export type ClipListing = {
  id: string;
  taskId: string;
  title: string | null;
  model: string | null;
  action: string | null;
  state: string;
  durationSeconds: number | null;
  createdAt: string | null;
  lyric: string | null;
  prompt: string | null;
  seed: string | null;
  audioPath: string | null;
  imagePath: string | null;
  /** Its owner's own words. */
  tags: string[];
};

const audio = alias(assets, "audio");
const image = alias(assets, "image");

const SELECTION = {
  id: clips.id,
  taskId: clips.taskId,
  title: clips.title,
  model: clips.model,
  action: clips.action,
  state: clips.state,
  durationSeconds: clips.durationSeconds,
  createdAt: clips.createdAt,
  lyric: clips.lyric,
  prompt: clips.prompt,
  seed: clips.seed,
  audioPath: audio.path,
  imagePath: image.path,
};

/** Clips that the filter lets through, in its order; those that are equal in it by time, then by their arrival. */
export function listClips(db: Database, filter: Filter, assetsRoot: string): ClipListing[] {
  return [...pageOfClips(db, filter, assetsRoot).rows];
}

/** The same as a page, with where it ended. Throws UsageError for a cursor of another order, or an id that is not here. */
export function pageOfClips(db: Database, filter: Filter, assetsRoot: string): Page<ClipListing> {
  const { keys, next } = keysOfClips(db, filter);
  const listingsOf = (some: number[]) => {
    const listings = clipsByKey(db, some, assetsRoot);
    return some.flatMap((key) => listings.get(key) ?? []);
  };
  return { rows: readInBatches(keys, listingsOf), next };
}

/** Row keys of the clips that the filter lets through, in its order. Throws UsageError as `pageOfClips` does. */
export function keysOfClips(db: Database, filter: Filter): { keys: number[]; next: string | null } {
  return filter.limit ? pageOfKeys(db, filter, filter.limit) : { keys: allKeys(db, filter), next: null };
}

function allKeys(db: Database, filter: Filter): number[] {
  const where = clipConditions(db, filter);
  const read = (range: SQL | undefined) => {
    const query = db.select({ key: clips.rowidKey }).from(clips).where(and(where, range));
    return query.orderBy(...orderOf(filter)).values() as [number][];
  };
  return rangesOf(filter).flatMap(read).flat();
}

/** Only keys are sorted, read from indexes; long rows are read for those that are shown. */
export function pageOfKeys(db: Database, filter: Filter, limit: number): { keys: number[]; next: string | null } {
  const found: Place[] = [];
  const where = clipConditions(db, filter);
  for (const range of rangesOf(filter)) {
    const rows = db
      .select({ key: clips.rowidKey, ...placeColumns(filter) })
      .from(clips)
      .where(and(where, range))
      .orderBy(...orderOf(filter))
      .limit(limit + 1 - found.length)
      .all();
    addAll(found, rows);
    if (found.length > limit) break;
  }
  const keys = found.slice(0, limit).map(({ key }) => key);
  return { keys, next: found.length > limit ? cursorAt(filter, found[limit - 1]!) : null };
}

/** The clips of these row keys, in no particular order. */
export function clipsByKey(db: Database, keys: number[], assetsRoot: string): Map<number, ClipListing> {
  const rows = selectClips(db)
    .where(inArray(clips.rowidKey, sql`(select value from json_each(${JSON.stringify(keys)}))`))
    .all();
  return new Map(withTags(db, rows).map((row) => [row.key, toListing(row, assetsRoot)]));
}

function selectClips(db: Database) {
  const stored = (file: typeof audio | typeof image, kind: AssetKind) =>
    and(eq(file.clipId, clips.id), eq(file.kind, kind), eq(file.state, "stored"));
  return db
    .select({ key: clips.rowidKey, ...SELECTION })
    .from(clips)
    .leftJoin(audio, stored(audio, "audio"))
    .leftJoin(image, stored(image, "image"));
}

/** Keys of clips that were taken out: few, and read from an index of their own, so that nothing else reads rows for it. */
export const REMOVED = sql`(select rowid_key from clips where removed_at is not null)`;

/** What lets a row of `clips` through; those that were taken out are in no list but their own. Throws UsageError. */
export function clipConditions(db: Database, filter: Filter): SQL | undefined {
  return and(
    filter.model && inArray(clips.model, filter.model),
    filter.action && inArray(clips.action, filter.action),
    filter.state && inArray(clips.state, filter.state),
    filter.since === undefined ? undefined : gte(clips.createdAt, filter.since),
    filter.until === undefined ? undefined : lt(clips.createdAt, filter.until),
    filter.minSeconds === undefined ? undefined : gte(clips.durationSeconds, filter.minSeconds),
    filter.maxSeconds === undefined ? undefined : lte(clips.durationSeconds, filter.maxSeconds),
    filter.removed ? isNotNull(clips.removedAt) : sql`${clips.rowidKey} not in ${REMOVED}`,
    filter.instrumental === undefined ? undefined : isInstrumental(db, filter.instrumental),
    ...ownConditions(db, filter),
    ...(filter.has ?? []).map((kind) => hasStored(db, kind)),
    ...(filter.missing ?? []).map((kind) => lacksStored(db, kind)),
    ...tagConditions(db, filter, { id: sql`${clips.id}`, holders: sql`select clip_id from clip_tags` }),
  );
}

type Row = Omit<ClipListing, "createdAt"> & { key: number; createdAt: number | null };

function toListing({ key: _key, ...row }: Row, assetsRoot: string): ClipListing {
  return {
    ...row,
    createdAt: isoTime(row.createdAt),
    audioPath: absolutePath(assetsRoot, row.audioPath),
    imagePath: absolutePath(assetsRoot, row.imagePath),
  };
}

/** Stored paths have forward slashes on every system. */
export function absolutePath(assetsRoot: string, path: string | null): string | null {
  return path === null ? null : join(assetsRoot, ...path.split("/"));
}
