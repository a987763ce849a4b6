import { useState } from "preact/hooks";
import { playIndex } from "../../state/player.ts";
import { createPlaylist } from "../../state/playlists.ts";
import { clearUpcoming, moveInQueue, queue, removeAt, restoreQueue, upcoming } from "../../state/queue.ts";
import { clock, count, madeBy, titleOf, type ListedSong } from "../../state/song.ts";
import { toast } from "../../state/toasts.ts";
import { Cover } from "../cover.tsx";
import { Icon } from "../icon.tsx";
import { Popover } from "../popover.tsx";

const SHOWN = 200;

/** What plays next, and in which order. */
export function QueueList() {
  const { at, clips } = queue.value;
  const seconds = upcoming.value.reduce((sum, { durationSeconds }) => sum + (durationSeconds ?? 0), 0);
  if (clips.length === 0) return <p class="hint">The queue is empty: play a song, and the ones below it follow.</p>;
  return (
    <div class="queue" tabIndex={0} role="group" aria-label="Queue">
      <h2>
        <span>Next</span>
        <span class="num">{clock(seconds)}</span>
      </h2>
      <ul>
        {clips.slice(at + 1, at + 1 + SHOWN).map((clip, index) => (
          <Entry
            key={`${index} ${clip.id}`}
            clip={clip}
            index={at + 1 + index}
            last={clips.length - 1}
            first={at + 1}
          />
        ))}
      </ul>
      {upcoming.value.length > SHOWN && <p class="hint">And {count(upcoming.value.length - SHOWN, "more song")}.</p>}
      {upcoming.value.length === 0 && <p class="hint">Nothing comes after this song.</p>}
      <div class="acts">
        <Popover label="Save as playlist" icon="playlist">
          {(close) => <SaveQueue done={close} />}
        </Popover>
        {upcoming.value.length > 0 && (
          <button type="button" class="btn" onClick={clear}>
            Clear
          </button>
        )}
      </div>
    </div>
  );
}

function Entry({ clip, index, first, last }: { clip: ListedSong; index: number; first: number; last: number }) {
  const title = titleOf(clip);
  return (
    <li>
      <button type="button" class="plain" aria-label={`Play ${title}`} onClick={() => playIndex(index)}>
        <Cover clip={clip} pixels={96} class="c36" />
      </button>
      <span class="trunc">
        <bdi class="trunc">{title}</bdi>
        <small>{[madeBy(clip), clock(clip.durationSeconds)].filter(Boolean).join(" · ")}</small>
      </span>
      <span class="steps">
        {(["up", "down"] as const).map((way) => (
          <button
            key={way}
            type="button"
            class={way}
            disabled={way === "up" ? index === first : index === last}
            aria-label={`Move ${title} ${way}`}
            onClick={() => moveInQueue(index, way === "up" ? index - 1 : index + 1)}
          >
            <Icon name="down" size="s" />
          </button>
        ))}
      </span>
      <button type="button" class="ib" aria-label={`Take ${title} off the queue`} onClick={() => removeAt(index)}>
        <Icon name="close" size="s" />
      </button>
    </li>
  );
}

function SaveQueue({ done }: { done: () => void }) {
  const [name, setName] = useState("");
  const save = async (wanted: string) => {
    await createPlaylist(wanted, queue.value.clips);
    done();
  };
  return (
    <form
      class="inline"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) void save(name.trim());
      }}
    >
      <label class="field">
        <span class="vh">Name of the playlist</span>
        <input value={name} placeholder="Name" onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <button type="submit" class="btn pri" disabled={!name.trim()}>
        Save
      </button>
    </form>
  );
}

function clear(): void {
  const before = queue.value.clips;
  clearUpcoming();
  toast("the queue is cleared", () => restoreQueue(before));
}
