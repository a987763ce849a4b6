import { join } from "node:path";
import { and, eq, inArray, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/sqlite-core";
import type { Database } from "../../db/connection.ts";
import { assets, clips } from "../../db/schema.ts";
import { addAll } from "../../lib/add-all.ts";
import type { AssetKind } from "../../lib/asset-kinds.ts";
import { cursorAt, rangesOf, type ClipPosition, type ClipRange } from "../filter/clip-order.ts";
import { isoTime } from "../../lib/time/dates.ts";
import type { Filter, Page } from "../filter/filter.ts";
import { clipConditions } from "../filter/clip-conditions.ts";
import { readInBatches } from "./read-in-batches.ts";
import { withMarks, type ShownMarks } from "../filter/marks.ts";
import { withTags } from "../filter/tags.ts";

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
  /** The user's tags. */
  tags: string[];
} & ShownMarks;

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

/** The clips that match the filter, in its order; ties by time of creation, then by arrival. Throws UsageError. */
export function listClips(db: Database, filter: Filter, assetsRoot: string): ClipListing[] {
  return [...pageOfClips(db, filter, assetsRoot).rows];
}

/** The same as a page, with the cursor of the next one. Throws UsageError for a cursor of another order or an unknown id. */
export function pageOfClips(db: Database, filter: Filter, assetsRoot: string): Page<ClipListing> {
  const { keys, next } = keysOfClips(db, filter);
  const listingsOf = (some: number[]) => {
    const listings = clipsByKey(db, some, assetsRoot);
    return some.flatMap((key) => listings.get(key) ?? []);
  };
  return { rows: readInBatches(keys, listingsOf), next };
}

/** Row keys of the clips that match the filter, in its order. Throws UsageError as `pageOfClips` does. */
export function keysOfClips(db: Database, filter: Filter): { keys: number[]; next: string | null } {
  return filter.limit ? pageOfKeys(db, filter, filter.limit) : { keys: allKeys(db, filter), next: null };
}

function allKeys(db: Database, filter: Filter): number[] {
  const where = clipConditions(db, filter);
  const read = (range: ClipRange) => {
    const query = db.select({ key: clips.rowidKey }).from(clips).where(and(where, range.where));
    return query.orderBy(...range.orderBy).values() as [number][];
  };
  return rangesOf(filter).flatMap(read).flat();
}

/** Row keys of one page. Only keys are sorted, read from indexes; the long rows are read for the clips that are shown. */
export function pageOfKeys(db: Database, filter: Filter, limit: number): { keys: number[]; next: string | null } {
  const found: ClipPosition[] = [];
  const where = clipConditions(db, filter);
  for (const range of rangesOf(filter)) {
    const rows = db
      .select({ key: clips.rowidKey, first: range.first, created: clips.createdAt })
      .from(clips)
      .where(and(where, range.where))
      .orderBy(...range.orderBy)
      .limit(limit + 1 - found.length)
      .all() as ClipPosition[];
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
  return new Map(withMarks(db, withTags(db, rows)).map((row) => [row.key, toListing(row, assetsRoot)]));
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
