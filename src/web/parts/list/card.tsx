import { clock, madeBy, titleOf, type ListedSong } from "../../state/song.ts";
import { isPlaying, playFrom, toggle } from "../../state/player.ts";
import { current } from "../../state/queue.ts";
import { isSelecting, pick, selected } from "../../state/selection.ts";
import { openSongMenu } from "../../state/song-menu.ts";
import { Cover } from "../cover.tsx";
import { Icon } from "../icon.tsx";
import { Star } from "../marks.tsx";
import { TakeStrip } from "./take-strip.tsx";

export type ItemProps = {
  clip: ListedSong | undefined;
  index: number;
  /** The one of the list that Tab leads to; arrows lead to the others. */
  isReached: boolean;
  isOpen: boolean;
  onToggle: (index: number) => void;
};

/** A song as a cover. */
export function Card({ clip, index, isReached, isOpen, onToggle }: ItemProps) {
  if (!clip)
    return (
      <div class="card waiting" role="listitem" aria-label="Loading">
        <span class="cover" />
      </div>
    );
  const isCurrent = current.value?.id === clip.id || (clip.stack?.clips.includes(current.value?.id ?? "") ?? false);
  const isSelected = selected.value.has(clip.id);
  const title = titleOf(clip);
  const sounds = isCurrent && isPlaying.value;
  return (
    <div
      class={`card ${isCurrent ? "playing" : ""} ${isSelected ? "selected" : ""} ${clip.stack ? "stacked" : ""}`}
      role="listitem"
      onContextMenu={(event) => openSongMenu(event, clip)}
      onMouseDown={(event) => event.shiftKey && event.preventDefault()}
    >
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
        <a href={`/song/${clip.id}`} title={title} data-index={index} tabIndex={isReached ? 0 : -1}>
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
          <span class="trunc">{madeBy(clip)}</span>
        )}
        <button
          type="button"
          class="more"
          aria-label={`More for ${title}`}
          onClick={(event) => openSongMenu(event, clip)}
        >
          <Icon name="more" size="s" />
        </button>
      </div>
      {clip.stack && <TakeStrip clip={clip} isOpen={isOpen} onToggle={() => onToggle(index)} />}
    </div>
  );
}
