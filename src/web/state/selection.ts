import { computed, signal } from "@preact/signals";
import type { ListedSong } from "./song.ts";
import { library } from "./library.ts";

/** The songs that are picked, by id. */
export const selected = signal<ReadonlyMap<string, ListedSong>>(new Map());
export const isSelecting = computed(() => selected.value.size > 0);
let anchor = -1;

/** Picks a song or lets it go; with `isRange` all songs from the last one on. */
export function pick(index: number, isRange: boolean): void {
  const { clips } = library.value;
  const clip = clips.get(index);
  if (!clip) return;
  const next = new Map(selected.value);
  if (isRange && anchor >= 0) {
    for (let at = Math.min(anchor, index); at <= Math.max(anchor, index); at++) {
      const one = clips.get(at);
      if (one) next.set(one.id, one);
    }
  } else if (!next.delete(clip.id)) next.set(clip.id, clip);
  anchor = index;
  selected.value = next;
}

export function clearSelection(): void {
  selected.value = new Map();
  anchor = -1;
}
