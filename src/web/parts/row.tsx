import { clock, madeBy, titleOf, type ListedSong } from "../state/song.ts";
import { isPlaying, toggle } from "../state/player.ts";
import { current } from "../state/queue.ts";
import { isSelecting, pick, selected } from "../state/selection.ts";
import { playFrom } from "./card.tsx";
import { Cover } from "./cover.tsx";
import { Icon } from "./icon.tsx";
import { Rating, Star } from "./marks.tsx";
import { Snippet } from "./snippet.tsx";

const DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

/** A song as a line. */
export function Row({ clip, index }: { clip: ListedSong | undefined; index: number }) {
  if (!clip) return <div class="song waiting" role="row" aria-rowindex={index + 1} />;
  const isCurrent = current.value?.id === clip.id;
  const isSelected = selected.value.has(clip.id);
  const title = titleOf(clip);
  const sounds = isCurrent && isPlaying.value;
  return (
    <div
      class={`song ${isCurrent ? "playing" : ""} ${isSelected ? "selected" : ""}`}
      role="row"
      aria-rowindex={index + 1}
      aria-selected={isSelected}
      onClick={(event) => {
        if (event.defaultPrevented || (!isSelecting.value && !event.shiftKey)) return;
        if ((event.target as Element).closest("button, a") && !event.shiftKey) return;
        event.preventDefault();
        pick(index, event.shiftKey);
      }}
    >
      <button
        type="button"
        class="n"
        aria-label={`${sounds ? "Pause" : "Play"} ${title}, ${clock(clip.durationSeconds)}`}
        disabled={clip.audioPath === null}
        onClick={() => (isCurrent ? toggle() : playFrom(index))}
      >
        <Icon name={sounds ? "pause" : clip.audioPath === null ? "alert" : "play"} size="s" />
      </button>
      <Cover clip={clip} pixels={96} class="c36" />
      <span class="ti">
        <a href={`/song/${clip.id}`} title={title}>
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
      <span class="cell c-mod">{madeBy(clip)}</span>
      <span class="cell c-date">{clip.createdAt && DATE.format(new Date(clip.createdAt))}</span>
      <span class="cell num">{clock(clip.durationSeconds)}</span>
      <span class="c-rate">
        <Rating clip={clip} />
      </span>
      <Star clip={clip} />
    </div>
  );
}
