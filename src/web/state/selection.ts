import { computed, signal } from "@preact/signals";
import { ask } from "./api.ts";
import { isSearch, library, listWords } from "./library.ts";
import { takesOf, type ListedSong, type SongPage } from "./song.ts";
import { toast } from "./toasts.ts";

/** More are not picked at once: each change of a song is one question. */
const MOST = 1000;

/** The songs that are picked, by id. */
export const selected = signal<ReadonlyMap<string, ListedSong>>(new Map());
export const isSelecting = computed(() => selected.value.size > 0);
let anchor = -1;

/** Picks a song of the list or lets it go; with `isRange` all songs from the last one on. */
export function pick(index: number, isRange: boolean): void {
  const { clips } = library.value;
  const clip = clips.get(index);
  if (!clip) return;
  if (isRange && anchor >= 0) {
    const next = new Map(selected.value);
    for (let at = Math.min(anchor, index); at <= Math.max(anchor, index); at++) {
      const one = clips.get(at);
      if (one && next.size < MOST) next.set(one.id, one);
    }
    selected.value = next;
  } else pickSong(clip);
  anchor = index;
}

export function pickSong(clip: ListedSong): void {
  const next = new Map(selected.value);
  if (!next.delete(clip.id) && next.size < MOST) next.set(clip.id, clip);
  selected.value = next;
}

/** Picks the takes that are folded into the picked songs too. */
export function pickTakes(): void {
  const all = [...selected.value.values()].flatMap((clip) => {
    const { stack: _stack, ...alone } = clip;
    return takesOf(clip).map((take) => (take.id === alone.id ? alone : take));
  });
  selected.value = new Map(all.map((clip) => [clip.id, clip]));
}

/** Picks the whole list. */
export async function pickAll(): Promise<void> {
  const { total = 0, clips } = library.value;
  const loaded = [...clips.values()];
  const all =
    isSearch() || loaded.length >= Math.min(total, MOST)
      ? loaded
      : (await ask<SongPage>("/api/clips", { ...listWords(), offset: 0, limit: MOST })).items;
  selected.value = new Map(all.slice(0, MOST).map((clip) => [clip.id, clip]));
  if (total > MOST) toast(`the first ${MOST.toLocaleString("en")} are selected: more are not changed at once`);
}

export function clearSelection(): void {
  selected.value = new Map();
  anchor = -1;
}
