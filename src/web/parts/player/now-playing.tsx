import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { address } from "../../state/address.ts";
import { clock, madeBy, titleOf } from "../../state/song.ts";
import { sectionsOf } from "../../state/lyric.ts";
import { duration, isPlaying, isWaiting, loaded, next, previous, seconds, seek, toggle } from "../../state/player.ts";
import { current, shuffle } from "../../state/queue.ts";
import { set } from "../../state/settings.ts";
import { openSongMenu } from "../../state/song-menu.ts";
import { Cover } from "../cover.tsx";
import { Icon } from "../icon.tsx";
import { Lyrics } from "./lyrics.tsx";
import { Rating, Star } from "../marks.tsx";
import { partAt, Ribbon } from "./ribbon.tsx";
import { useLyric } from "./use-lyric.ts";
import { Waveform } from "./waveform.tsx";

/** Whether the player fills the screen of a phone. */
export const isPlayerOpen = signal(false);

/** The player as a whole screen, on a phone. */
export function NowPlaying() {
  const box = useRef<HTMLDivElement>(null);
  const { path } = address.value;
  const isOpen = isPlayerOpen.value && current.value !== undefined;
  useEffect(() => void (isPlayerOpen.value = false), [path]);
  useEffect(() => {
    if (!isOpen) return undefined;
    const close = (event: KeyboardEvent) => event.key === "Escape" && (isPlayerOpen.value = false);
    addEventListener("keydown", close);
    box.current?.querySelector<HTMLElement>("button")?.focus();
    return () => removeEventListener("keydown", close);
  }, [isOpen]);
  return isOpen ? (
    <div class="now-playing" role="dialog" aria-label="Player" ref={box}>
      <Screen />
    </div>
  ) : null;
}

function Screen() {
  const clip = current.value!;
  const lyric = useLyric(clip);
  const sections = sectionsOf(lyric ?? null);
  const [at, length] = [seconds.value, duration.value];
  const part = isWaiting.value && isPlaying.value ? "waiting for the service" : partAt(sections, at, length);
  return (
    <>
      <header>
        <button type="button" class="ib" aria-label="Close the player" onClick={() => (isPlayerOpen.value = false)}>
          <Icon name="down" />
        </button>
        <span class="q trunc">{madeBy(clip)}</span>
        <button
          type="button"
          class="ib"
          aria-label={`More for ${titleOf(clip)}`}
          onClick={(event) => openSongMenu(event, clip)}
        >
          <Icon name="more" />
        </button>
      </header>
      <Cover clip={clip} pixels={300} class="whole" />
      <div class="t">
        <h2>
          <a href={`/song/${clip.id}`}>
            <bdi>{titleOf(clip)}</bdi>
          </a>
        </h2>
        <Star clip={clip} />
      </div>
      <Rating clip={clip} isBig />
      <Waveform
        class="tall"
        id={clip.id}
        at={at}
        length={length}
        loaded={loaded.value}
        label={`Position in ${titleOf(clip)}`}
        onSeek={seek}
      />
      <Ribbon sections={sections} at={at} length={length} onSeek={seek} />
      <div class="times num">
        <span>{clock(at)}</span>
        <span class="q">{part ?? ""}</span>
        <span>{clock(length)}</span>
      </div>
      <div class="tr">
        <button type="button" class="ib" aria-label="Shuffle what is to come" onClick={shuffle}>
          <Icon name="shuffle" />
        </button>
        <button type="button" class="ib" aria-label="Previous" onClick={previous}>
          <Icon name="prev" size="l" />
        </button>
        <button type="button" class="pp" aria-label={isPlaying.value ? "Pause" : "Play"} onClick={toggle}>
          <Icon name={isPlaying.value ? "pause" : "play"} size="l" />
        </button>
        <button type="button" class="ib" aria-label="Next" onClick={() => next()}>
          <Icon name="next" size="l" />
        </button>
        <button
          type="button"
          class="ib"
          aria-label="Queue"
          onClick={() => {
            set({ panel: "queue" });
            isPlayerOpen.value = false;
          }}
        >
          <Icon name="queue" />
        </button>
      </div>
      <section class="below" aria-label="Lyrics">
        <Lyrics clip={clip} />
      </section>
    </>
  );
}
