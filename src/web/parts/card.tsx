import { clock, madeBy, titleOf, type ListedSong } from "../state/song.ts";
import { library } from "../state/library.ts";
import { isPlaying, play, toggle } from "../state/player.ts";
import { current } from "../state/queue.ts";
import { isSelecting, pick, selected } from "../state/selection.ts";
import { Cover } from "./cover.tsx";
import { Icon } from "./icon.tsx";
import { Star } from "./marks.tsx";

/** A song as a cover. */
export function Card({ clip, index }: { clip: ListedSong | undefined; index: number }) {
  if (!clip)
    return (
      <div class="card waiting">
        <span class="cover" />
      </div>
    );
  const isCurrent = current.value?.id === clip.id;
  const isSelected = selected.value.has(clip.id);
  const title = titleOf(clip);
  const sounds = isCurrent && isPlaying.value;
  return (
    <div class={`card ${isCurrent ? "playing" : ""} ${isSelected ? "selected" : ""}`} role="listitem">
      <a
        href={`/song/${clip.id}`}
        class="face"
        tabIndex={-1}
        aria-hidden="true"
        onClick={(event) => {
          if (!isSelecting.value && !event.shiftKey) return;
          event.preventDefault();
          pick(index, event.shiftKey);
        }}
      >
        <Cover clip={clip} pixels={300} />
      </a>
      {clip.audioPath !== null && (
        <button
          type="button"
          class="tab"
          aria-label={`${sounds ? "Pause" : "Play"} ${title}, ${clock(clip.durationSeconds)}`}
          onClick={() => (isCurrent ? toggle() : playFrom(index))}
        >
          <Icon name={sounds ? "pause" : "play"} size="s" />
          {clock(clip.durationSeconds)}
        </button>
      )}
      <button
        type="button"
        class={`pick ${isSelecting.value ? "shown" : ""}`}
        role="checkbox"
        aria-checked={isSelected}
        aria-label={`Select ${title}`}
        onClick={(event) => pick(index, event.shiftKey)}
      >
        <span class="check">
          <Icon name="check" />
        </span>
      </button>
      <div class="t">
        <a href={`/song/${clip.id}`} title={title}>
          <bdi>{title}</bdi>
        </a>
        <Star clip={clip} />
      </div>
      <div class={`m ${clip.audioPath === null ? "lacks" : ""}`}>
        {clip.audioPath === null ? (
          <a href={`/song/${clip.id}`}>
            <Icon name="alert" size="s" /> audio missing
          </a>
        ) : (
          madeBy(clip)
        )}
      </div>
    </div>
  );
}

/** Plays the list from a song on, as far as it is here. */
export function playFrom(index: number): void {
  const { clips } = library.value;
  const songs: ListedSong[] = [];
  for (let at = index; clips.has(at); at++) {
    const clip = clips.get(at)!;
    if (clip.audioPath !== null) songs.push(clip);
  }
  play(songs, 0);
}
