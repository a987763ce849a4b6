import { computed, effect, signal } from "@preact/signals";
import type { ListedSong } from "./song.ts";
import { store, stored } from "./settings.ts";

/** The songs that play one after the other. A song may be in it twice. */
export type Queue = { clips: ListedSong[]; at: number; repeat: "off" | "all" | "one"; seconds: number };

const NAME = "producer-mirror queue";
const MAX_KEPT = 1000;

export const queue = signal<Queue>({ clips: [], at: -1, repeat: "off", seconds: 0, ...stored<Queue>(NAME) });
export const current = computed<ListedSong | undefined>(() => queue.value.clips[queue.value.at]);
export const upcoming = computed(() => queue.value.clips.slice(queue.value.at + 1));

/** Plays these from `at` on. */
export function setQueue(clips: ListedSong[], at: number): void {
  queue.value = { ...queue.value, clips, at, seconds: 0 };
}

export function playNext(clips: ListedSong[]): void {
  const { clips: all, at } = queue.value;
  queue.value = { ...queue.value, clips: [...all.slice(0, at + 1), ...clips, ...all.slice(at + 1)] };
}

export function addToQueue(clips: ListedSong[]): void {
  queue.value = { ...queue.value, clips: [...queue.value.clips, ...clips] };
}

/** Takes the song at an index away; the one that plays stays. */
export function removeAt(index: number): void {
  const { clips, at } = queue.value;
  if (index === at) return;
  queue.value = { ...queue.value, clips: clips.toSpliced(index, 1), at: index < at ? at - 1 : at };
}

/** Moves a song of the queue to another index; what plays goes on. */
export function moveInQueue(from: number, to: number): void {
  const { clips, at } = queue.value;
  const moved = clips[from];
  if (!moved || from <= at || to <= at || to >= clips.length) return;
  queue.value = { ...queue.value, clips: clips.toSpliced(from, 1).toSpliced(to, 0, moved) };
}

/** Ends the queue with the song that plays. */
export function clearUpcoming(): void {
  const { clips, at } = queue.value;
  queue.value = { ...queue.value, clips: clips.slice(0, at + 1) };
}

/** Puts back what was cleared, if the same song still plays. */
export function restoreQueue(clips: ListedSong[]): void {
  const at = clips.findIndex(({ id }) => id === current.value?.id);
  if (at >= 0) queue.value = { ...queue.value, clips, at };
}

/** Takes songs away that are not there any more; the one that plays goes on. */
export function dropFromQueue(ids: ReadonlySet<string>): void {
  const { clips, at } = queue.value;
  const isKept = ({ id }: ListedSong, index: number) => index === at || !ids.has(id);
  const before = clips.slice(0, Math.max(0, at)).filter(isKept).length;
  queue.value = { ...queue.value, clips: clips.filter(isKept), at: at < 0 ? at : before };
}

export function moveTo(index: number): void {
  if (queue.value.clips[index]) queue.value = { ...queue.value, at: index, seconds: 0 };
}

/** Where the next song is; undefined at the end. `isAsked`: a person wants it, so a repeated song is left. */
export function nextIndex(isAsked: boolean): number | undefined {
  const { clips, at, repeat } = queue.value;
  if (repeat === "one" && !isAsked) return at;
  if (at + 1 < clips.length) return at + 1;
  return repeat === "all" && clips.length > 0 ? 0 : undefined;
}

/** Mixes what is still to come. */
export function shuffle(): void {
  const { clips, at } = queue.value;
  const rest = clips.slice(at + 1);
  for (let last = rest.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [rest[last], rest[other]] = [rest[other]!, rest[last]!];
  }
  queue.value = { ...queue.value, clips: [...clips.slice(0, at + 1), ...rest] };
}

export function cycleRepeat(): void {
  const { repeat } = queue.value;
  queue.value = { ...queue.value, repeat: repeat === "off" ? "all" : repeat === "all" ? "one" : "off" };
}

effect(() => {
  const { clips, at, ...rest } = queue.value;
  const first = Math.max(0, at - MAX_KEPT / 2);
  const kept = clips
    .slice(first, first + MAX_KEPT)
    .map(({ lyric: _l, snippet: _s, ...clip }) => ({ ...clip, lyric: null }));
  store(NAME, { ...rest, clips: kept, at: at - first });
});
