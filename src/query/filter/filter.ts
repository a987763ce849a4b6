import type { AssetKind } from "../../lib/asset-kinds.ts";

export type SortKey = "created" | "title" | "duration" | "model";
export type Sort = { by: SortKey; descending: boolean };

/** What lists can be narrowed by; the same words for clips and tasks. A field that is absent narrows nothing. */
export type Filter = {
  model?: string[];
  action?: string[];
  state?: string[];
  /** Milliseconds UTC of `created_at`: from `since` on, before `until`. */
  since?: number;
  until?: number;
  minSeconds?: number;
  maxSeconds?: number;
  /** A stored file of each of these kinds. */
  has?: AssetKind[];
  /** No stored file of any of these kinds. */
  missing?: AssetKind[];
  /** Clips with any of these tags of their owner. */
  tagged?: string[];
  /** Clips with none of these, or with no tag at all. */
  untagged?: string[] | "all";
  /** True: without singing, as its task was asked; false: the others. */
  instrumental?: boolean;
  seed?: string[];
  /** The id, or its beginning, of a clip or task: that and all that was made from it, step by step. */
  root?: string;
  /** The same: what was made from it in one step. */
  childrenOf?: string;
  /** Full text, as `search` takes it. */
  text?: string;
  /** Only clips that were taken out (`rm`); otherwise only those that were not. */
  removed?: boolean;
  /** Default: newest first. */
  sort?: Sort;
  /** 0 or absent: all. */
  limit?: number;
  /** Where the page before ended (`Page.next`). */
  cursor?: string;
};

/**
 * Rows up to the limit, read as they are taken, which can be done once; `next` is the cursor of what follows, null when
 * nothing does.
 */
export type Page<Row> = { rows: Iterable<Row>; next: string | null };

export const NEWEST_FIRST: Sort = { by: "created", descending: true };

/** How many rows there are; of many, where counting takes long, that there are more than so many. */
export type Total = number | { moreThan: number };

/** A sort as text, as `--sort` takes it. */
export function sortText({ by, descending }: Sort): string {
  return `${descending ? "-" : ""}${by}`;
}

/** True when anything is left out, other than by order and limit. */
export function isFiltered({ sort: _sort, limit: _limit, cursor: _cursor, ...rest }: Filter): boolean {
  return rest.instrumental === false || Object.values(rest).some((value) => value !== undefined && value !== false);
}
