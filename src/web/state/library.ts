import { signal } from "@preact/signals";
import { ask, type ServiceFailure } from "./api.ts";
import type { ListedSong, SongPage } from "./song.ts";

/** A group of the list, in order: a day (`2026-11-14`) or a month (`2026-11`); null: without a date; "": all in one. */
export type Day = { key: string | null; clips: number; minutes: number };

/** One list of songs: its size and days are known, its songs are read where they are looked at. */
export type Library = {
  /** Undefined until it is known. */
  total: number | undefined;
  days: Day[];
  clips: ReadonlyMap<number, ListedSong>;
  failure: ServiceFailure | undefined;
};

const PAGE = 60;
/** Songs of a day, on average, below which months are shown. */
const LEAST_A_DAY = 3;
const EMPTY: Library = { total: undefined, days: [], clips: new Map(), failure: undefined };

export const library = signal<Library>(EMPTY);

/** The words of the query that choose songs. */
const FILTERS = ["model", "action", "state", "since", "until", "min-duration", "max-duration", "has", "missing"];
const OWN = ["tag", "no-tag", "seed", "root", "children-of", "instrumental", "starred", "min-rating", "playlist"];
export const FILTER_WORDS = [...FILTERS, ...OWN];

let words: Record<string, string> = {};
let running = new AbortController();
const asked = new Set<number>();

/** Opens a list. What is shown stays until the new one has its size. */
export async function openLibrary(query: URLSearchParams): Promise<void> {
  const next = Object.fromEntries([...query].filter(([name]) => [...FILTER_WORDS, "sort", "q"].includes(name)));
  if (library.value.total !== undefined && JSON.stringify(next) === JSON.stringify(words)) return;
  running.abort();
  running = new AbortController();
  words = next;
  asked.clear();
  await (words["q"] === undefined ? openList(running.signal) : openSearch(words["q"], running.signal));
}

/** Reads the list again, after something has changed. */
export function refreshLibrary(): Promise<void> {
  const query = new URLSearchParams(words);
  words = { "": "" };
  return openLibrary(query);
}

async function openList(signal: AbortSignal): Promise<void> {
  const { sort, ...filter } = words;
  const byDay = sort === undefined || sort === "-created" || sort === "created";
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  await showFailure(signal, async () => {
    const [page, groups] = await Promise.all([
      ask<SongPage>("/api/clips", { ...words, offset: 0, limit: PAGE }, signal),
      byDay ? ask<{ by: { day: Day[] } }>("/api/stats", { ...filter, by: "day", timezone: zone }, signal) : undefined,
    ]);
    const total = page.total ?? page.items.length;
    const days = groups ? grouped(inOrder(groups.by.day, sort === "created")) : [{ key: "", clips: total, minutes: 0 }];
    asked.add(0);
    library.value = { total, days: fitted(days, total), clips: new Map(page.items.entries()), failure: undefined };
  });
}

/** Hits, the best first; more are read as one scrolls. */
async function openSearch(text: string, signal: AbortSignal): Promise<void> {
  await showFailure(signal, async () => {
    const clips = new Map<number, ListedSong>();
    let cursor: string | null = "";
    while (cursor !== null && clips.size < 2000) {
      const { q: _q, ...filter } = words;
      const page: SongPage = await ask("/api/search", { ...filter, q: text, limit: 200, cursor }, signal);
      for (const clip of page.items) clips.set(clips.size, clip);
      cursor = page.next;
      const days = [{ key: "", clips: clips.size, minutes: 0 }];
      library.value = { total: page.total ?? clips.size, days, clips: new Map(clips), failure: undefined };
    }
  });
}

async function showFailure(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (failure) {
    if (signal.aborted) return;
    library.value = { ...library.value, failure: failure as ServiceFailure };
  }
}

/** Sees to it that the songs from `first` to `last` are here soon. */
export function wantClips(first: number, last: number): void {
  if (words["q"] !== undefined) return;
  const { total = 0 } = library.value;
  for (let page = Math.floor(Math.max(0, first) / PAGE); page <= Math.floor(Math.min(last, total - 1) / PAGE); page++)
    if (!asked.has(page)) void readPage(page, running.signal);
}

async function readPage(page: number, signal: AbortSignal): Promise<void> {
  asked.add(page);
  try {
    const { items } = await ask<SongPage>("/api/clips", { ...words, offset: page * PAGE, limit: PAGE }, signal);
    const clips = new Map(library.value.clips);
    items.forEach((clip, at) => clips.set(page * PAGE + at, clip));
    library.value = { ...library.value, clips };
  } catch {
    if (!signal.aborted) setTimeout(() => asked.delete(page), 2000);
  }
}

/** Days come with the oldest first and those without a date in front; lists have the newest first, those without last. */
function inOrder(days: Day[], isOldestFirst: boolean): Day[] {
  const dated = days.filter(({ key }) => key !== null);
  const undated = days.filter(({ key, clips }) => key === null && clips > 0);
  return [...(isOldestFirst ? dated : dated.toReversed()), ...undated];
}

/** By month where a day has few songs: a page of heads helps nobody. */
function grouped(days: Day[]): Day[] {
  const clips = days.reduce((sum, day) => sum + day.clips, 0);
  if (clips >= days.length * LEAST_A_DAY) return days;
  const months: Day[] = [];
  for (const day of days) {
    const key = day.key?.slice(0, 7) ?? null;
    const last = months.at(-1);
    if (last?.key === key) [last.clips, last.minutes] = [last.clips + day.clips, last.minutes + day.minutes];
    else months.push({ ...day, key });
  }
  return months;
}

/** A song that came between two answers belongs to the last group until the list is read again. */
function fitted(days: Day[], total: number): Day[] {
  const known = days.filter(({ clips }) => clips > 0);
  const missing = total - known.reduce((sum, { clips }) => sum + clips, 0);
  const last = known.at(-1);
  if (missing === 0 || last === undefined) return known;
  return [...known.slice(0, -1), { ...last, clips: Math.max(0, last.clips + missing) }];
}
