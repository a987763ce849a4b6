import { ApiError } from "../../api/api-error.ts";
import type { Api } from "../../api/client.ts";
import type { ListingFilter } from "../../api/request.ts";
import { track, type Tracked } from "../../archive/tracking.ts";
import type { Journal } from "../../archive/journal/entry.ts";
import type { Database } from "../../db/connection.ts";
import type { MirrorError } from "../../lib/errors.ts";
import { filtersIgnored, listingFailed, listingStuck } from "./listing-errors.ts";
import { readPage, type ListingPage } from "./listing-page.ts";

export type DiscoverDeps = {
  db: Database;
  journal: Journal;
  api: Api;
  now: () => number;
  signal: AbortSignal;
  onPage: (found: Discovered) => void;
};

export type DiscoverOptions = {
  /** The `user_id` whose tasks are listed. */
  account: string;
  /** Milliseconds UTC; older tasks are left out. */
  since?: number | undefined;
};

/** The counts of a listing so far. */
export type Discovered = Tracked & {
  /** Requests sent, retries included. */
  asked: number;
  pages: number;
  /** Distinct tasks of the account. */
  found: number;
  /** Records of other accounts; they are ignored. */
  dropped: number;
  /** Records of the account that are unreadable or have no valid task id. */
  useless: number;
  /** When the oldest listed task was created, milliseconds UTC. */
  oldest: number | null;
};

/** `problem`: why the listing is incomplete; undefined when it is complete. */
export type DiscoverReport = Discovered & { interrupted: boolean; problem: MirrorError | undefined };

const PAGE_SIZE = 50;
/** After more pages in a row without anything new, the listing ends. */
const MOST_EMPTY_PAGES = 20;

/** Where the listing continues: with the records created up to `until` (inclusive), after the first `offset` of them. */
type ListingCursor = { until: number | undefined; offset: number };
type ListingWalk = Discovered & { seen: Set<string>; largest: number };

/**
 * Lists the account's tasks backwards in time with undocumented filters of the API, and tracks their ids page by page.
 * After a kill the tracked ids remain, and a rerun starts at the newest task again. The last records of a page come again
 * with the next page. Where a page gets no further back in time, `offset` does. Source: producer-api, limits and order.
 */
export async function discover(deps: DiscoverDeps, options: DiscoverOptions): Promise<DiscoverReport> {
  const walk: ListingWalk = {
    asked: 0,
    pages: 0,
    found: 0,
    dropped: 0,
    useless: 0,
    oldest: null,
    added: 0,
    alreadyTracked: 0,
    seen: new Set(),
    largest: 0,
  };
  const problem = await walkBack(deps, options, walk).catch((error: unknown) => {
    if (deps.signal.aborted) return undefined;
    if (error instanceof ApiError) return listingFailed(error);
    throw error;
  });
  const { seen: _seen, largest: _largest, ...counts } = walk;
  return { ...counts, asked: deps.api.requests, interrupted: deps.signal.aborted, problem };
}

/** The filter for one page. */
export function listingFilter({ account, since }: DiscoverOptions, { until, offset }: ListingCursor): ListingFilter {
  return {
    user_id: account,
    type: "audios",
    limit: PAGE_SIZE,
    ...(offset > 0 && { offset }),
    ...(since !== undefined && { created_at_min: since / 1000 }),
    ...(until !== undefined && { created_at_max: until / 1000 }),
  };
}

async function walkBack(
  deps: DiscoverDeps,
  options: DiscoverOptions,
  walk: ListingWalk,
): Promise<MirrorError | undefined> {
  let cursor: ListingCursor = { until: undefined, offset: 0 };
  let lastKey = "";
  for (let emptyPages = 0; ;) {
    const filter = listingFilter(options, cursor);
    const page = readPage(await deps.api.listTasks(filter, { signal: deps.signal }), options);
    const fresh = trackPage(deps, walk, page);
    const ignored = findIgnoredFilter(page, cursor, options);
    if (ignored) return ignored;
    if (isLastPage(page, walk, fresh, options)) return undefined;
    emptyPages = fresh > 0 ? 0 : emptyPages + 1;
    if (emptyPages > MOST_EMPTY_PAGES || (cursor.offset > 0 && page.key === lastKey)) return listingStuck(page);
    lastKey = page.key;
    cursor = nextCursor(page, cursor, fresh);
  }
}

/** Tracks what is new on a page; returns how many of its tasks were not on an earlier one. */
function trackPage({ db, journal, api, now, onPage }: DiscoverDeps, walk: ListingWalk, page: ListingPage): number {
  const fresh = page.own.filter((id) => !walk.seen.has(id));
  for (const id of fresh) walk.seen.add(id);
  const before = walk.found;
  walk.found = walk.seen.size;
  if (fresh.length > 0) {
    const { added, alreadyTracked } = track({ db, journal }, fresh, {
      source: "discover",
      now: now(),
      explicit: false,
    });
    walk.added += added;
    walk.alreadyTracked += alreadyTracked;
  }
  walk.pages++;
  walk.asked = api.requests;
  walk.dropped += page.foreign;
  walk.useless += page.useless;
  walk.largest = Math.max(walk.largest, page.size);
  walk.oldest = page.oldest === null ? walk.oldest : Math.min(walk.oldest ?? Infinity, page.oldest);
  onPage(walk);
  return walk.found - before;
}

/** The error when a server ignored a filter: it sent records of others, or newer ones than requested. */
function findIgnoredFilter(
  page: ListingPage,
  { until }: ListingCursor,
  { account }: DiscoverOptions,
): MirrorError | undefined {
  if (page.size > 0 && page.foreign === page.size)
    return filtersIgnored(`asked for account ${account}, it sent ${page.size} records of others`);
  if (until === undefined || page.newest === null || page.newest <= until) return undefined;
  return filtersIgnored(`asked for tasks until ${iso(until)}, it sent one of ${iso(page.newest)}`);
}

/** Whether the listing ends: the page is empty, everything older is left out, or a page that is not full brought nothing new. */
function isLastPage(page: ListingPage, walk: ListingWalk, fresh: number, { since }: DiscoverOptions): boolean {
  if (page.size === 0) return true;
  if (since !== undefined && page.isNewestFirst && page.oldest !== null && page.oldest < since) return true;
  return fresh === 0 && (page.size < walk.largest || page.size === 1);
}

/**
 * Where the listing continues after a page: at its oldest time, plus one millisecond because times of the API are finer
 * than ours. It continues by offset where the page got no further back, and where the list is not sorted from new to old.
 * Records beyond the page size do not count for the offset.
 */
function nextCursor(page: ListingPage, { until, offset }: ListingCursor, fresh: number): ListingCursor {
  const next = page.oldest === null ? undefined : page.oldest + 1;
  const isFurther = fresh > 0 && page.isNewestFirst && next !== undefined && (until === undefined || next < until);
  return isFurther ? { until: next, offset: 0 } : { until, offset: offset + Math.min(page.size, PAGE_SIZE) };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
