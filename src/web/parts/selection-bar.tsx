import { go } from "../state/address.ts";
import { change } from "../state/api.ts";
import { clock, count, type ListedSong } from "../state/song.ts";
import { setRating, setStar } from "../state/marks.ts";
import { play } from "../state/player.ts";
import { addToQueue, playNext } from "../state/queue.ts";
import { clearSelection, selected } from "../state/selection.ts";
import { toast } from "../state/toasts.ts";
import { Icon } from "./icon.tsx";

/** What can be done with the songs that are picked. It lies over the list and moves no row. */
export function SelectionBar() {
  const clips = [...selected.value.values()];
  const seconds = clips.reduce((sum, { durationSeconds }) => sum + (durationSeconds ?? 0), 0);
  return (
    <div class="selbar" role="toolbar" aria-label="Selection">
      <b>{count(clips.length, "song")}</b>
      <span class="sub num">{clock(seconds)}</span>
      <span class="gap" />
      <button type="button" onClick={() => play(withAudio(clips), 0)}>
        <Icon name="play" size="s" /> Play
      </button>
      <button type="button" class="hide-p" onClick={() => playNext(withAudio(clips))}>
        Next
      </button>
      <button type="button" class="hide-p" onClick={() => addToQueue(withAudio(clips))}>
        <Icon name="queue" size="s" /> Queue
      </button>
      <button type="button" onClick={() => void starAll(clips)}>
        <Icon name="star" size="s" /> Star
      </button>
      <button type="button" class="hide-p" onClick={() => rateAll(clips)}>
        Rate
      </button>
      <button type="button" onClick={() => tagAll(clips)}>
        <Icon name="tag" size="s" /> Tag
      </button>
      {clips.length >= 2 && (
        <button type="button" onClick={() => go(`/compare?ids=${clips.map(({ id }) => id).join(",")}`)}>
          <Icon name="compare" size="s" /> Compare
        </button>
      )}
      <span class="sep" />
      <button type="button" aria-label="Let go of the selection" onClick={clearSelection}>
        <Icon name="close" size="s" />
      </button>
    </div>
  );
}

function withAudio(clips: ListedSong[]): ListedSong[] {
  return clips.filter(({ audioPath }) => audioPath !== null);
}

async function starAll(clips: ListedSong[]): Promise<void> {
  await Promise.all(clips.map((clip) => setStar(clip, true)));
  toast(`${count(clips.length, "song")} starred`, () => void Promise.all(clips.map((clip) => setStar(clip, false))));
}

function rateAll(clips: ListedSong[]): void {
  const rating = Number(prompt("Rating, 0 to 5"));
  if (!Number.isInteger(rating) || rating < 0 || rating > 5) return;
  for (const clip of clips) void setRating(clip, rating);
}

function tagAll(clips: ListedSong[]): void {
  const tag = prompt("Tag for these songs")?.trim();
  if (!tag) return;
  const path = ({ id }: ListedSong) => `/api/clips/${id}/tags/${encodeURIComponent(tag)}`;
  Promise.all(clips.map((clip) => change("PUT", path(clip)))).then(
    () =>
      toast(
        `${count(clips.length, "song")} tagged ${tag}`,
        () => void Promise.all(clips.map((clip) => change("DELETE", path(clip)))),
      ),
    (error: Error) => toast(`not tagged: ${error.message}`),
  );
}
