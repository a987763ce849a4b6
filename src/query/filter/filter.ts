import type { AssetKind } from "../../lib/asset-kinds.ts";

export type SortKey = "created" | "title" | "duration" | "model" | MarkKey;
/** Orders by what a person has marked clips with. */
export type MarkKey = "rating" | "plays" | "played";
export type Sort = { by: SortKey; descending: boolean };

/** The filter of a list, the same for clips and tasks. An absent field does not filter. */
export type Filter = {
  model?: string[];
  action?: string[];
  state?: string[];
  /** Bounds of `created_at` in milliseconds UTC: from `since` on, before `until`. */
  since?: number;
  until?: number;
  minSeconds?: number;
  maxSeconds?: number;
  /** With a stored file of each of these kinds. */
  has?: AssetKind[];
  /** Without a stored file of any of these kinds. */
  missing?: AssetKind[];
  /** Clips with any of these tags. */
  tagged?: string[];
  /** Clips with none of these tags, or (`all`) without any tag. */
  untagged?: string[] | "all";
  /** True: clips with a star; false: those without. */
  starred?: boolean;
  /** True: clips that were played once or more; false: those that never were. */
  heard?: boolean;
  /** Clips rated at least so, 1 to 5; 0 does not filter. */
  minRating?: number;
  /** The name or id of a playlist: the clips in it. */
  playlist?: string;
  /** True: requested without singing; false: all others. */
  instrumental?: boolean;
  seed?: string[];
  /** The id of a clip or task, or its beginning: that clip and everything made from it, in any number of steps. */
  root?: string;
  /** An id or its beginning: everything made from it in one step. */
  childrenOf?: string;
  /** A full-text query, as `search` takes it. */
  text?: string;
  /** Only the clips of these row keys. */
  among?: number[];
  /** Only removed clips (`rm`); otherwise only those that are not removed. */
  removed?: boolean;
  /** Default: newest first. */
  sort?: Sort;
  /** 0 or absent: no limit. */
  limit?: number;
  /** Where the page before ended (`Page.next`). */
  cursor?: string;
};

/**
 * Rows up to the limit, read while they are iterated, which can be done once; `next` is the cursor of the next page, null
 * when there is none.
 */
export type Page<Row> = { rows: Iterable<Row>; next: string | null };

export const NEWEST_FIRST: Sort = { by: "created", descending: true };

/** A count of rows; `moreThan` when counting all would take too long. */
export type Total = number | { moreThan: number };

/** A sort as text, as `--sort` takes it. */
export function sortText({ by, descending }: Sort): string {
  return `${descending ? "-" : ""}${by}`;
}

/** True when the filter leaves anything out, other than by order, limit and cursor. */
export function isFiltered({ sort: _sort, limit: _limit, cursor: _cursor, ...rest }: Filter): boolean {
  const { removed, ...others } = rest;
  return removed === true || Object.values(others).some((value) => value !== undefined);
}
