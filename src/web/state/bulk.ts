import { change } from "./api.ts";
import { countSoon } from "./counts.ts";
import { refreshLibrary } from "./library.ts";
import { marksOf, setRating, setStar } from "./marks.ts";
import { dropFromQueue } from "./queue.ts";
import { clearSelection } from "./selection.ts";
import { count, titleOf, type ListedSong } from "./song.ts";
import { toast } from "./toasts.ts";

/** So many changes are under way at once: the service has other work too. */
const AT_ONCE = 4;

/** Stars all, or takes the stars away where all have one; undo gives each what it had. */
export async function starAll(clips: ListedSong[]): Promise<void> {
  const before = clips.map((clip) => marksOf(clip).starred);
  const starred = before.includes(false);
  await each(clips, (clip) => setStar(clip, starred));
  toast(
    `${named(clips)} ${starred ? "starred" : "without a star"}`,
    () => void each(clips, (clip, at) => setStar(clip, before[at]!)),
  );
}

export async function rateAll(clips: ListedSong[], rating: number): Promise<void> {
  const before = clips.map((clip) => marksOf(clip).rating);
  await each(clips, (clip) => setRating(clip, rating));
  toast(
    rating === 0 ? `${named(clips)} without a rating` : `${named(clips)} rated ${rating}`,
    () => void each(clips, (clip, at) => setRating(clip, before[at]!)),
  );
}

/** Gives a tag, or takes it off; undo touches only those that this has changed. */
export async function tagAll(clips: ListedSong[], tag: string, isOn: boolean): Promise<void> {
  const changed = clips.filter(({ tags }) => tags.includes(tag) !== isOn);
  const put = (on: boolean) =>
    each(changed, ({ id }) =>
      change(on ? "PUT" : "DELETE", `/api/clips/${encodeURIComponent(id)}/tags/${encodeURIComponent(tag)}`),
    ).then(refreshLibrary);
  try {
    await put(isOn);
    toast(`${named(changed)} ${isOn ? "tagged" : "without the tag"} ${tag}`, () => void put(!isOn));
  } catch (error) {
    toast(`not tagged: ${(error as Error).message}`);
  }
}

/** Moves songs to the trash; undo brings them back with their files. */
export async function removeAll(clips: ListedSong[]): Promise<boolean> {
  const ids = clips.map(({ id }) => id);
  try {
    await change("POST", "/api/rm", { clips: ids });
  } catch (error) {
    toast(`not removed: ${(error as Error).message}`);
    return false;
  }
  clearSelection();
  dropFromQueue(new Set(ids));
  afterwards();
  toast(`${named(clips)} moved to the trash`, () => void bringBack(clips));
  return true;
}

async function bringBack(clips: ListedSong[]): Promise<void> {
  try {
    const ids = clips.map(({ id }) => id);
    const { toFetch } = await change<{ toFetch: number }>("POST", "/api/rm", { clips: ids, undo: true });
    toast(
      toFetch > 0 ? `${named(clips)} back; the next sync fetches ${count(toFetch, "file")}` : `${named(clips)} back`,
    );
  } catch (error) {
    toast(`not brought back: ${(error as Error).message}`);
  }
  afterwards();
}

function afterwards(): void {
  void refreshLibrary();
  countSoon();
}

function named(clips: ListedSong[]): string {
  return clips.length === 1 ? titleOf(clips[0]!) : count(clips.length, "song");
}

async function each(clips: ListedSong[], work: (clip: ListedSong, at: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const line = async () => {
    for (let at = next++; at < clips.length; at = next++) await work(clips[at]!, at);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
}
