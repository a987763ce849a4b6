import { go } from "../../state/address.ts";
import { rateAll, starAll } from "../../state/bulk.ts";
import { play } from "../../state/player.ts";
import { addToQueue, playNext } from "../../state/queue.ts";
import { clearSelection, pickTakes, selected } from "../../state/selection.ts";
import { toRemove } from "../../state/song-menu.ts";
import { count, span, type ListedSong } from "../../state/song.ts";
import { toast } from "../../state/toasts.ts";
import { ExportPanel } from "../frame/export-panel.tsx";
import { Icon } from "../icon.tsx";
import { PlaylistPicker } from "../frame/playlist-picker.tsx";
import { Popover } from "../popover.tsx";
import { TagPicker } from "../frame/tag-picker.tsx";

/** What can be done with the songs that are picked. It lies over the list and moves no row. */
export function SelectionBar() {
  const clips = [...selected.value.values()];
  const minutes = clips.reduce((sum, { durationSeconds }) => sum + (durationSeconds ?? 0), 0) / 60;
  const folded = clips.reduce((sum, { stack }) => sum + (stack ? stack.takes.length - 1 : 0), 0);
  const queued = (add: (songs: ListedSong[]) => void, where: string) => () => {
    add(withAudio(clips));
    toast(`${count(withAudio(clips).length, "song")} ${where}`);
  };
  return (
    <div class="selbar" role="toolbar" aria-label="Selection">
      <b aria-live="polite">{clips.length.toLocaleString("en")} selected</b>
      <span class="sub num">{span(minutes)}</span>
      {folded > 0 && (
        <button type="button" class="hide-p" onClick={pickTakes}>
          + {count(folded, "take")}
        </button>
      )}
      <span class="gap" />
      <div class="tools">
        <button type="button" onClick={() => play(withAudio(clips), 0)}>
          <Icon name="play" size="s" /> <span class="label">Play</span>
        </button>
        <Popover label="Queue" icon="queue" class="" isAbove>
          {(close) => (
            <ul class="choices">
              <li>
                <button type="button" onClick={() => (queued(playNext, "come next")(), close())}>
                  <Icon name="next" size="s" /> <span>Play next</span>
                </button>
              </li>
              <li>
                <button type="button" onClick={() => (queued(addToQueue, "added to the queue")(), close())}>
                  <Icon name="queue" size="s" /> <span>At the end of the queue</span>
                </button>
              </li>
            </ul>
          )}
        </Popover>
        <button type="button" onClick={() => void starAll(clips)}>
          <Icon name="star" size="s" /> <span class="label">Star</span>
        </button>
        <Popover label="Rate" icon="sort" class="" isAbove>
          {(close) => <Rates choose={(rating) => (void rateAll(clips, rating), close())} />}
        </Popover>
        <Popover label="Tag" icon="tag" class="" isAbove>
          {(close) => <TagPicker clips={clips} done={close} />}
        </Popover>
        <Popover label="Playlist" icon="playlist" class="" isAbove>
          {(close) => <PlaylistPicker clips={clips} done={close} />}
        </Popover>
        {clips.length >= 2 && (
          <button
            type="button"
            onClick={() =>
              go(
                `/compare?ids=${clips
                  .slice(0, 12)
                  .map(({ id }) => id)
                  .join(",")}`,
              )
            }
          >
            <Icon name="compare" size="s" /> <span class="label">Compare</span>
          </button>
        )}
        <Popover label="Export" icon="download" class="" isAbove>
          {(close) => <ExportPanel clips={clips} done={close} />}
        </Popover>
        <button type="button" onClick={() => (toRemove.value = clips)}>
          <Icon name="trash" size="s" /> <span class="label">Remove</span>
        </button>
      </div>
      <span class="sep" />
      <button type="button" aria-label="Clear the selection" onClick={clearSelection}>
        <Icon name="close" size="s" />
      </button>
    </div>
  );
}

function Rates({ choose }: { choose: (rating: number) => void }) {
  return (
    <ul class="choices">
      {[5, 4, 3, 2, 1, 0].map((rating) => (
        <li key={rating}>
          <button type="button" onClick={() => choose(rating)}>
            <span class="rate big" aria-hidden="true">
              {[1, 2, 3, 4, 5].map((stroke) => (
                <span key={stroke} class={stroke <= rating ? "y" : ""}>
                  <i />
                </span>
              ))}
            </span>
            <span>{rating === 0 ? "No rating" : `Rate ${rating}`}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function withAudio(clips: ListedSong[]): ListedSong[] {
  return clips.filter(({ audioPath }) => audioPath !== null);
}
