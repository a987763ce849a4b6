import { clock, madeBy, titleOf } from "../../state/song.ts";
import { isPlaying, playFrom, toggle } from "../../state/player.ts";
import { current } from "../../state/queue.ts";
import { isSelecting, pick, selected } from "../../state/selection.ts";
import { openSongMenu } from "../../state/song-menu.ts";
import type { ItemProps } from "./card.tsx";
import { Cover } from "../cover.tsx";
import { Icon } from "../icon.tsx";
import { Rating, Star } from "../marks.tsx";
import { Snippet } from "./snippet.tsx";
import { TakeStrip } from "./take-strip.tsx";

const DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

/** A song as a line. */
export function Row({ clip, index, isReached, isOpen, onToggle }: ItemProps) {
  if (!clip)
    return (
      <div class="song waiting" role="row" aria-rowindex={index + 1}>
        <span class="vh" role="cell">
          Loading
        </span>
      </div>
    );
  const isCurrent = current.value?.id === clip.id || (clip.stack?.clips.includes(current.value?.id ?? "") ?? false);
  const isSelected = selected.value.has(clip.id);
  const title = titleOf(clip);
  const sounds = isCurrent && isPlaying.value;
  const isPicking = isSelecting.value;
  return (
    <div
      class={`song ${isCurrent ? "playing" : ""} ${isSelected ? "selected" : ""}`}
      role="row"
      aria-rowindex={index + 1}
      aria-selected={isSelected}
      onContextMenu={(event) => openSongMenu(event, clip)}
      onMouseDown={(event) => event.shiftKey && event.preventDefault()}
      onClick={(event) => {
        if (event.defaultPrevented || (!isPicking && !event.shiftKey)) return;
        if ((event.target as Element).closest("button, a") && !event.shiftKey) return;
        event.preventDefault();
        pick(index, event.shiftKey);
      }}
    >
      <span role="cell">
        {isPicking ? (
          <button
            type="button"
            class="n"
            role="checkbox"
            aria-checked={isSelected}
            aria-label={`Select ${title}`}
            onClick={(event) => pick(index, event.shiftKey)}
          >
            <span class="check">
              <Icon name="check" />
            </span>
          </button>
        ) : (
          <button
            type="button"
            class="n"
            aria-label={`${sounds ? "Pause" : "Play"} ${title}, ${clock(clip.durationSeconds)}`}
            disabled={clip.audioPath === null}
            onClick={() => (isCurrent ? toggle() : playFrom(index))}
          >
            {sounds ? (
              <span class="eq" aria-hidden="true">
                <i />
                <i />
                <i />
              </span>
            ) : (
              <Icon name={clip.audioPath === null ? "alert" : "play"} size="s" />
            )}
          </button>
        )}
      </span>
      <span role="cell">
        <Cover clip={clip} pixels={96} class="c36" />
      </span>
      <span class="ti" role="cell">
        <a href={`/song/${clip.id}`} title={title} data-index={index} tabIndex={isReached ? 0 : -1}>
          <b>
            <bdi>{title}</bdi>
          </b>
        </a>
        {clip.snippet ? (
          <small>
            <Snippet text={clip.snippet} />
          </small>
        ) : (
          clip.audioPath === null && <small class="lacks">audio missing</small>
        )}
      </span>
      <span class="c-takes" role="cell">
        {clip.stack && <TakeStrip clip={clip} isOpen={isOpen} onToggle={() => onToggle(index)} />}
      </span>
      <span class="cell c-mod" role="cell">
        {madeBy(clip)}
      </span>
      <span class="cell c-date" role="cell">
        {clip.createdAt && DATE.format(new Date(clip.createdAt))}
      </span>
      <span class="cell num" role="cell">
        {clock(clip.durationSeconds)}
      </span>
      <span class="c-rate" role="cell">
        <Rating clip={clip} />
      </span>
      <span role="cell" class="c-end">
        <Star clip={clip} />
        <button
          type="button"
          class="ib more"
          aria-label={`More for ${title}`}
          onClick={(event) => openSongMenu(event, clip)}
        >
          <Icon name="more" size="s" />
        </button>
      </span>
    </div>
  );
}
