import { clock, madeBy, titleOf } from "../../state/song.ts";
import { duration, isPlaying, isWaiting, loaded, next, previous, seconds, seek, toggle } from "../../state/player.ts";
import { current, cycleRepeat, queue, shuffle } from "../../state/queue.ts";
import { set, settings } from "../../state/settings.ts";
import { Cover } from "../cover.tsx";
import { Icon } from "../icon.tsx";
import { Star } from "../marks.tsx";
import { isPlayerOpen } from "./now-playing.tsx";
import { Waveform } from "./waveform.tsx";

const REPEATS = { off: "Repeat: off", all: "Repeat: all", one: "Repeat: this song" };

/** On a phone the small player leads to the large one. */
function openOnPhone(event: MouseEvent): void {
  if (innerWidth >= 640) return;
  event.preventDefault();
  isPlayerOpen.value = true;
}

/** The player, below everything. */
export function PlayerBar() {
  const clip = current.value;
  const { panel, volume } = settings.value;
  const { repeat } = queue.value;
  return (
    <section class="player" aria-label="Player">
      <div class="song">
        {clip ? (
          <>
            <a href={`/song/${clip.id}`} aria-label={`Open ${titleOf(clip)}`} onClick={openOnPhone}>
              <Cover clip={clip} pixels={96} class="c56" />
            </a>
            <div class="trunc">
              <b class="trunc">
                <a href={`/song/${clip.id}`} onClick={openOnPhone}>
                  <bdi>{titleOf(clip)}</bdi>
                </a>
              </b>
              <small>{isWaiting.value && isPlaying.value ? "waiting for the service" : madeBy(clip)}</small>
            </div>
            <Star clip={clip} />
          </>
        ) : (
          <span class="q">Nothing plays</span>
        )}
      </div>
      <div class="tr">
        <button type="button" class="ib hide-p" aria-label="Shuffle what is to come" onClick={shuffle}>
          <Icon name="shuffle" />
        </button>
        <button type="button" class="ib hide-p" aria-label="Previous" onClick={previous}>
          <Icon name="prev" />
        </button>
        <button
          type="button"
          class="pp"
          aria-label={isPlaying.value ? "Pause" : "Play"}
          disabled={!clip}
          onClick={toggle}
        >
          <Icon name={isPlaying.value ? "pause" : "play"} size="l" />
        </button>
        <button type="button" class="ib" aria-label="Next" onClick={() => next()}>
          <Icon name="next" />
        </button>
        <button
          type="button"
          class="ib hide-p"
          aria-label={REPEATS[repeat]}
          aria-pressed={repeat !== "off"}
          onClick={cycleRepeat}
        >
          <Icon name="repeat" />
          {repeat === "one" && <span class="one">1</span>}
        </button>
      </div>
      <div class="sk">
        <span class="num">{clip ? clock(seconds.value) : ""}</span>
        {clip ? (
          <Waveform
            id={clip.id}
            at={seconds.value}
            length={duration.value}
            loaded={loaded.value}
            label={`Position in ${titleOf(clip)}`}
            onSeek={seek}
          />
        ) : (
          <span class="wave empty" />
        )}
        <span class="num">{clip ? clock(duration.value) : ""}</span>
      </div>
      <div class="tools">
        {(["lyrics", "queue"] as const).map((name) => (
          <button
            key={name}
            type="button"
            class="ib"
            aria-label={name === "lyrics" ? "Lyrics" : "Queue"}
            aria-pressed={panel === name}
            onClick={() => set({ panel: panel === name ? null : name })}
          >
            <Icon name={name} />
          </button>
        ))}
        <button
          type="button"
          class="ib hide-m"
          aria-label={volume === 0 ? "Sound on" : "Mute"}
          aria-pressed={volume === 0}
          onClick={() => set({ volume: volume === 0 ? 1 : 0 })}
        >
          <Icon name={volume === 0 ? "mute" : "volume"} />
        </button>
        <input
          class="vol"
          type="range"
          min="0"
          max="1"
          step="0.02"
          value={volume}
          aria-label="Volume"
          onInput={(event) => set({ volume: Number(event.currentTarget.value) })}
        />
      </div>
      <span class="mini-line" aria-hidden="true">
        <i
          ref={(element) =>
            element?.style.setProperty("width", `${duration.value > 0 ? (seconds.value / duration.value) * 100 : 0}%`)
          }
        />
      </span>
    </section>
  );
}
