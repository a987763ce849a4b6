import { ApiError } from "../../api/api-error.ts";
import type { Api } from "../../api/client.ts";
import type { Listing } from "../../api/request.ts";
import { track, type Tracked } from "../../archive/tracking.ts";
import type { Journal } from "../../archive/journal/journal.ts";
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
  /** The `user_id` of tasks that are in the archive already. */
  account: string;
  /** Milliseconds UTC: nothing older. */
  since?: number | undefined;
};

/** What came of a listing. */
export type Discovered = Tracked & {
  /** Requests sent, retries included. */
  asked: number;
  pages: number;
  /** Distinct tasks of the account. */
  found: number;
  /** Records of other accounts: nothing is done with them. */
  dropped: number;
  /** Records of the account without a task id, or unreadable. */
  useless: number;
  /** Creation of the oldest one seen, milliseconds UTC. */
  oldest: number | null;
};

/** `trouble`: why the list is not whole; undefined when it is. */
export type DiscoverReport = Discovered & { interrupted: boolean; problem: MirrorError | undefined };

const PAGE = 50;
/** Pages in a row without anything new. */
const MOST_BARREN = 20;

/** Where the listing goes on: records made until `until` (inclusive), but for the first `offset` of them. */
type ListingCursor = { until: number | undefined; offset: number };
type ListingWalk = Discovered & { seen: Set<string>; largest: number };

/**
 * Lists the account's tasks backwards in time by filters that the API's page does not name, and tracks the ids page by
 * page: what a kill leaves is kept, and a rerun starts at the newest again. The boundary of a page comes again with the
 * next one; where a page does not get further back in time, `offset` does. Source: producer-api, limits and order.
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
  const trouble = await walkBack(deps, options, walk).catch((error: unknown) => {
    if (deps.signal.aborted) return undefined;
    if (error instanceof ApiError) return listingFailed(error);
    throw error;
  });
  const { seen: _seen, largest: _largest, ...counts } = walk;
  return { ...counts, asked: deps.api.requests, interrupted: deps.signal.aborted, problem: trouble };
}

/** The question for one page. */
export function listingAt({ account, since }: DiscoverOptions, { until, offset }: ListingCursor): Listing {
  return {
    user_id: account,
    type: "audios",
    limit: PAGE,
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
  let place: ListingCursor = { until: undefined, offset: 0 };
  let lastKey = "";
  for (let barren = 0; ;) {
    const question = listingAt(options, place);
    const page = readPage(await deps.api.listTasks(question, { signal: deps.signal }), options);
    const fresh = trackPage(deps, walk, page);
    const ignored = findIgnoredFilter(page, place, options);
    if (ignored) return ignored;
    if (isOver(page, walk, fresh, options)) return undefined;
    barren = fresh > 0 ? 0 : barren + 1;
    if (barren > MOST_BARREN || (place.offset > 0 && page.key === lastKey)) return listingStuck(page);
    lastKey = page.key;
    place = nextCursor(page, place, fresh);
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

/** A server that does not know the filters gives others' records, or the newest ones again. */
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

/** Nothing came, everything older is out of bounds, or a page that is not full brought nothing new. */
function isOver(page: ListingPage, walk: ListingWalk, fresh: number, { since }: DiscoverOptions): boolean {
  if (page.size === 0) return true;
  if (since !== undefined && page.isNewestFirst && page.oldest !== null && page.oldest < since) return true;
  return fresh === 0 && (page.size < walk.largest || page.size === 1);
}

/**
 * Where a page leads: back in time by one millisecond less than it could, since a time with more digits than ours is
 * still inside; by offset where it got no further, and where the list does not run from new to old. What came beyond the
 * page is no part of the list.
 */
function nextCursor(page: ListingPage, { until, offset }: ListingCursor, fresh: number): ListingCursor {
  const next = page.oldest === null ? undefined : page.oldest + 1;
  const isFurther = fresh > 0 && page.isNewestFirst && next !== undefined && (until === undefined || next < until);
  return isFurther ? { until: next, offset: 0 } : { until, offset: offset + Math.min(page.size, PAGE) };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
