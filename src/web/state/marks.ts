import { signal } from "@preact/signals";
import { change } from "./api.ts";
import type { ListedSong } from "./song.ts";
import { toast } from "./toasts.ts";

/** What was marked in this page, over what the lists contained when they were read. */
export type Marks = { starred: boolean; rating: number };

const marked = signal<ReadonlyMap<string, Partial<Marks>>>(new Map());

export function marksOf(clip: Pick<ListedSong, "id" | "starred" | "rating">): Marks {
  const here = marked.value.get(clip.id);
  return { starred: here?.starred ?? clip.starred ?? false, rating: here?.rating ?? clip.rating ?? 0 };
}

/** Shows at once, and takes back with a word if the service does not agree. */
export async function setStar(clip: ListedSong, starred: boolean): Promise<void> {
  await mark(clip, { starred }, () => change(starred ? "PUT" : "DELETE", `/api/clips/${clip.id}/star`));
}

export async function setRating(clip: ListedSong, rating: number): Promise<void> {
  await mark(clip, { rating }, () => change("PUT", `/api/clips/${clip.id}/rating`, { rating }));
}

async function mark(clip: ListedSong, to: Partial<Marks>, send: () => Promise<unknown>): Promise<void> {
  const before = marksOf(clip);
  remember(clip.id, to);
  try {
    await send();
  } catch (error) {
    remember(clip.id, before);
    toast(`not marked: ${(error as Error).message}`);
  }
}

function remember(id: string, to: Partial<Marks>): void {
  marked.value = new Map(marked.value).set(id, { ...marked.value.get(id), ...to });
}
