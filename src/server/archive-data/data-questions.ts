import { UsageError } from "../../lib/errors.ts";
import { isTimeZone } from "../../lib/time/time-zone.ts";
import { show } from "../../query/explain/show.ts";
import { why } from "../../query/explain/why.ts";
import type { Filter, Page, Total } from "../../query/filter/filter.ts";
import { listTags } from "../../query/filter/tags.ts";
import { countTasks } from "../../query/filter/task-order.ts";
import { changes } from "../../query/history/changes.ts";
import { history } from "../../query/history/history.ts";
import { listRuns } from "../../query/history/list-runs.ts";
import { changesSince } from "../../query/history/since.ts";
import { lineage } from "../../query/lineage/lineage.ts";
import { pageOfClips } from "../../query/lists/clips.ts";
import { countClips } from "../../query/lists/count-clips.ts";
import { pageOfStacks } from "../../query/lists/stacks.ts";
import { pageOfTasks } from "../../query/lists/tasks.ts";
import { findPlaylist } from "../../query/playlists/find-playlist.ts";
import { listPlaylists, showPlaylist } from "../../query/playlists/playlists.ts";
import { countHits, pageOfHits } from "../../query/search/search.ts";
import { BREAKDOWNS, breakdown, totals } from "../../query/stats/breakdown.ts";
import { statistics } from "../../query/stats/statistics.ts";
import { status } from "../../query/stats/status.ts";
import { nextGoneCheckAt } from "../../record/schedule.ts";
import { oneOf } from "../../lib/text/option-words.ts";
import type { About } from "../workers/about.ts";
import { clipsFrom, INDEX_WORDS, readIndex } from "./clips-from.ts";
import {
  checkNames,
  LIST_WORDS,
  readFlag,
  readPageFilter,
  readRows,
  readWordsFilter,
  type QueryWords,
} from "./query-words.ts";

/** What is asked of the archive's data: the id in the path, and the words of the query. */
export type DataInput = { id?: string | undefined; words: QueryWords };

/** A page of a list. `total` is null where counting would take too long. */
type List = { items: unknown[]; total: number | null; next: string | null };

/** The questions behind `GET /api/<name>`: what the commands of the same name print with `--json`. */
export const DATA_QUESTIONS = {
  status: ({ db, config: { kinds } }: About, { words }: DataInput) => {
    checkNames(words, []);
    return status(db, { kinds, now: Date.now() });
  },
  clips: ({ db, assetsRoot }: About, { words }: DataInput) => {
    checkNames(words, [...LIST_WORDS, ...INDEX_WORDS, "stacked"]);
    const filter = readPageFilter(words);
    const from = readIndex(words);
    if (from) return clipsFrom(db, filter, from, assetsRoot);
    if (readFlag(words, "stacked")) {
      const stacks = pageOfStacks(db, filter, assetsRoot);
      return toList(stacks, () => stacks.total);
    }
    return toList(pageOfClips(db, filter, assetsRoot), () => countClips(db, withoutPage(filter)));
  },
  tasks: ({ db }: About, { words }: DataInput) => {
    checkNames(words, LIST_WORDS);
    const filter = readPageFilter(words);
    return toList(pageOfTasks(db, filter), () => countTasks(db, withoutPage(filter)));
  },
  search: ({ db, assetsRoot }: About, { words: { q, ...words } }: DataInput) => {
    checkNames(words, [...LIST_WORDS, "q"]);
    if (q === undefined) throw new UsageError("q is missing: the words to search for");
    const filter = readPageFilter(words);
    return toList(pageOfHits(db, q, filter, assetsRoot), () => countHits(db, q, withoutPage(filter)));
  },
  show: ({ db, assetsRoot }: About, { id = "", words }: DataInput) => {
    checkNames(words, []);
    return show(db, id, assetsRoot);
  },
  why: ({ db, config: { kinds } }: About, { id = "", words }: DataInput) => {
    checkNames(words, []);
    return why(db, id, { kinds, now: Date.now() });
  },
  lineage: ({ db }: About, { id = "", words }: DataInput) => {
    checkNames(words, []);
    return lineage(db, id);
  },
  history: ({ db }: About, { id = "", words }: DataInput) => {
    checkNames(words, []);
    return history(db, id);
  },
  stats: ({ db }: About, { words: { by, timezone = "UTC", ...words } }: DataInput) => {
    checkNames(words, [...LIST_WORDS.filter((name) => !PAGE_WORDS.includes(name)), "by", "timezone"]);
    if (!isTimeZone(timezone)) throw new UsageError(`timezone is "${timezone}"; it takes a name such as Europe/Berlin`);
    const filter = readWordsFilter(words);
    if (by === undefined) return statistics(db, { filter, timezone, storageMonths: false });
    const one = oneOf(BREAKDOWNS, by, "by");
    return { timezone, totals: totals(db, filter), by: { [one]: breakdown(db, one, filter, timezone) } };
  },
  changes: ({ db }: About, { words: { since, limit, ...words } }: DataInput): List => {
    checkNames(words, ["since", "limit"]);
    const from = changesSince(db, since, Date.now());
    const all = changes(db, { since: from.at, goneCheckIntervalMs: nextGoneCheckAt(0) });
    return { items: all.slice(-readRows(limit)), total: all.length, next: null };
  },
  tags: ({ db }: About, { words }: DataInput): List => {
    checkNames(words, []);
    const items = listTags(db);
    return { items, total: items.length, next: null };
  },
  playlists: ({ db }: About, { words }: DataInput): List => {
    checkNames(words, []);
    const items = listPlaylists(db);
    return { items, total: items.length, next: null };
  },
  playlist: ({ db, assetsRoot }: About, { id = "", words }: DataInput) => {
    checkNames(words, []);
    return showPlaylist(db, findPlaylist(db, id), assetsRoot);
  },
  runs: ({ db }: About, { words: { limit, cursor, ...words } }: DataInput): List => {
    checkNames(words, ["limit", "cursor"]);
    const rows = readRows(limit);
    const found = listRuns(db, rows + 1, cursor === undefined ? undefined : readRunCursor(cursor));
    const items = found.slice(0, rows);
    return { items, total: null, next: found.length > rows ? String(items.at(-1)?.id) : null };
  },
};

const PAGE_WORDS = ["sort", "limit", "cursor", "removed"];

function toList(page: Page<unknown>, total: () => Total): List {
  const counted = total();
  return { items: [...page.rows], total: typeof counted === "number" ? counted : null, next: page.next };
}

function withoutPage({ cursor: _cursor, limit: _limit, ...filter }: Filter): Filter {
  return filter;
}

function readRunCursor(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`cursor is "${text.slice(0, 100)}"; it takes \`next\` of the page before`);
}
