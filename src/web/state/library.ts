import { signal } from "@preact/signals";
import type { Grouping, ListGroup } from "../../query/lists/arrange.ts";
import { ask, type ServiceFailure } from "./api.ts";
import type { ListedSong, SongPage } from "./song.ts";

/** One list of songs: its size and groups are known, its songs are read where they are looked at. */
export type Library = {
  /** The words of the list that is shown. */
  key: string;
  /** Rows, undefined until it is known, and the songs in them. */
  total: number | undefined;
  songs: number;
  grouping: Grouping | null;
  groups: ListGroup[];
  clips: ReadonlyMap<number, ListedSong>;
  failure: ServiceFailure | undefined;
};

const PAGE = 60;
const HITS = 100;
const EMPTY: Library = {
  key: "",
  total: undefined,
  songs: 0,
  grouping: null,
  groups: [],
  clips: new Map(),
  failure: undefined,
};

export const library = signal<Library>(EMPTY);
/** Rows that came since the list was read. */
export const fresh = signal(0);

/** The words of the query that choose songs. */
const FILTERS = ["model", "action", "state", "since", "until", "min-duration", "max-duration", "has", "missing"];
const OWN = [
  "tag",
  "no-tag",
  "seed",
  "root",
  "children-of",
  "instrumental",
  "starred",
  "heard",
  "min-rating",
  "playlist",
];
export const FILTER_WORDS = [...FILTERS, ...OWN];
const WORDS = [...FILTER_WORDS, "sort", "q", "group", "takes"];

let words: Record<string, string> = {};
let running = new AbortController();
let inView: [first: number, last: number] = [0, 0];
let nextHits: string | null = null;
const asked = new Set<number>();

export function wordsOf(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...query].filter(([name]) => WORDS.includes(name)));
}

/** How the list of these words is grouped: by day where it is in the order of time, unless one says otherwise. */
export function groupingOf({ sort, group, q }: Record<string, string | undefined>): Grouping | null {
  if (q !== undefined || group === "none") return null;
  if (group === "model" || group === "family") return group;
  return sort === undefined || sort === "created" || sort === "-created" ? "day" : null;
}

/** Whether the list is what a search has found. */
export function isSearch(): boolean {
  return words["q"] !== undefined;
}

/** Opens a list. What is shown stays until the new one has its size. */
export async function openLibrary(query: URLSearchParams): Promise<void> {
  const next = wordsOf(query);
  if (library.value.total !== undefined && JSON.stringify(next) === JSON.stringify(words)) return;
  words = next;
  inView = [0, 0];
  await read();
}

/** Reads the list again, after something has changed: what is looked at stays until it is there. */
export async function refreshLibrary(): Promise<void> {
  if (library.value.total !== undefined || library.value.failure) await read();
}

/** Asks whether songs came or went; the songs that are looked at are read again where none did. */
export async function lookAgain(): Promise<void> {
  if (library.value.total === undefined || words["q"] !== undefined) return;
  const { signal } = running;
  const page = await ask<SongPage>("/api/clips", { ...listWords(), offset: 0, limit: 1 }, signal).catch(
    () => undefined,
  );
  if (!page || signal.aborted) return;
  const more = (page.total ?? 0) - (library.value.total ?? 0);
  const isNew = page.items[0]?.id !== undefined && page.items[0].id !== library.value.clips.get(0)?.id;
  // Whoever looks at the top sees them come; others are not moved.
  if ((more === 0 && !isNew) || inView[0] === 0) return read();
  fresh.value = Math.max(1, more);
}

export function listWords(): Record<string, string | boolean> {
  const { takes, group: _group, ...rest } = words;
  const grouping = groupingOf(words);
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return { ...rest, ...(takes !== "apart" && { stacked: true }), ...(grouping && { group: grouping, timezone }) };
}

async function read(): Promise<void> {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  try {
    await (words["q"] === undefined ? readList(signal) : readHits(words["q"], signal));
  } catch (failure) {
    if (!signal.aborted) library.value = { ...library.value, failure: failure as ServiceFailure };
  }
}

async function readList(signal: AbortSignal): Promise<void> {
  const key = JSON.stringify(words);
  const pages = [...new Set([0, ...pagesOf(...inView)])];
  const [first, ...others] = await Promise.all(pages.map((page) => askPage(page, signal)));
  if (signal.aborted || !first) return;
  const clips = new Map<number, ListedSong>();
  for (const [at, { items }] of [first, ...others].entries())
    items.forEach((clip, index) => clips.set(pages[at]! * PAGE + index, clip));
  asked.clear();
  for (const page of pages) asked.add(page);
  const { total, songs, groups } = first;
  const grouping = groupingOf(words);
  const whole = [{ key: null, clips: total ?? 0, songs: songs ?? 0, minutes: 0 }];
  fresh.value = 0;
  library.value = {
    key,
    total: total ?? first.items.length,
    songs: songs ?? 0,
    grouping,
    groups: grouping && groups ? groups : whole,
    clips,
    failure: undefined,
  };
}

function askPage(page: number, signal: AbortSignal): Promise<SongPage> {
  return ask<SongPage>("/api/clips", { ...listWords(), offset: page * PAGE, limit: PAGE }, signal);
}

/** Hits, the best first; more are read as one scrolls. */
async function readHits(text: string, signal: AbortSignal): Promise<void> {
  const key = JSON.stringify(words);
  const page = await askHits(text, "", signal);
  if (signal.aborted) return;
  fresh.value = 0;
  showHits(key, new Map(page.items.entries()), page);
}

function askHits(text: string, cursor: string, signal: AbortSignal): Promise<SongPage> {
  const { q: _q, takes: _takes, group: _group, sort: _sort, ...filter } = words;
  return ask<SongPage>("/api/search", { ...filter, q: text, limit: HITS, cursor }, signal);
}

function showHits(key: string, clips: Map<number, ListedSong>, { total, next }: SongPage): void {
  nextHits = next;
  // Where counting takes too long, the list grows as it is read.
  const rows = total ?? clips.size + (next === null ? 0 : HITS);
  const groups = [{ key: null, clips: rows, songs: rows, minutes: 0 }];
  library.value = { key, total: rows, songs: rows, grouping: null, groups, clips, failure: undefined };
}

/** Sees to it that the songs from `first` to `last` are here soon. */
export function wantClips(first: number, last: number): void {
  inView = [first, last];
  const { total = 0, clips } = library.value;
  if (words["q"] !== undefined) {
    if (nextHits !== null && Math.min(last, total) > clips.size)
      void readMoreHits(words["q"], nextHits, running.signal);
    return;
  }
  for (const page of pagesOf(first, Math.min(last, total - 1)))
    if (!asked.has(page)) void readPage(page, running.signal);
}

function pagesOf(first: number, last: number): number[] {
  const from = Math.floor(Math.max(0, first) / PAGE);
  return Array.from({ length: Math.max(0, Math.floor(last / PAGE) - from + 1) }, (_, at) => from + at);
}

async function readMoreHits(text: string, cursor: string, signal: AbortSignal): Promise<void> {
  nextHits = null;
  try {
    const page = await askHits(text, cursor, signal);
    if (signal.aborted) return;
    const clips = new Map(library.value.clips);
    for (const clip of page.items) clips.set(clips.size, clip);
    showHits(library.value.key, clips, page);
  } catch {
    if (!signal.aborted) setTimeout(() => (nextHits = cursor), 2000);
  }
}

async function readPage(page: number, signal: AbortSignal): Promise<void> {
  asked.add(page);
  try {
    const { items } = await askPage(page, signal);
    if (signal.aborted) return;
    const clips = new Map(library.value.clips);
    items.forEach((clip, at) => clips.set(page * PAGE + at, clip));
    library.value = { ...library.value, clips };
  } catch {
    if (!signal.aborted) setTimeout(() => asked.delete(page), 2000);
  }
}
