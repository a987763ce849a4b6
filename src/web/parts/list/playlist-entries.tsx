import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ShownPlaylist } from "../../../query/playlists/playlists.ts";
import { scrollOf } from "../../state/address.ts";
import { moveEntry, removeEntry } from "../../state/playlists.ts";
import { isPlaying, play, toggle } from "../../state/player.ts";
import { current } from "../../state/queue.ts";
import { openSongMenu } from "../../state/song-menu.ts";
import { clock, madeBy, titleOf } from "../../state/song.ts";
import { Cover } from "../cover.tsx";
import { Icon } from "../icon.tsx";
import { Rating, Star } from "../marks.tsx";

const OVER = 12;

/** The songs of a playlist in order, of which only those that are looked at are in the page. Rows are dragged by their grip, or moved by Alt and the arrows. */
export function PlaylistEntries({ playlist }: { playlist: ShownPlaylist }) {
  const { clips } = playlist;
  const scroller = useRef<HTMLDivElement>(null);
  const remembered = useMemo(() => scrollOf("playlist"), []);
  const [top, setTop] = useState(remembered.top);
  const [drag, setDrag] = useState<{ from: number; to: number }>();
  const [moved, setMoved] = useState("");
  const row = innerWidth < 640 || matchMedia("(pointer: coarse)").matches ? 60 : 48;
  useLayoutEffect(() => {
    if (scroller.current) scroller.current.scrollTop = remembered.top;
  }, []);
  const move = (from: number, to: number) => {
    const target = Math.max(0, Math.min(clips.length - 1, to));
    if (target === from) return;
    void moveEntry(playlist, from, target);
    setMoved(`${titleOf(clips[target === from ? from : from]!)} is now ${target + 1} of ${clips.length}`);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-grip="${target}"]`)?.focus());
  };
  const indexAt = (y: number) => {
    const box = scroller.current!.getBoundingClientRect();
    return Math.max(0, Math.min(clips.length - 1, Math.floor((y - box.top + scroller.current!.scrollTop) / row)));
  };
  const follow = (event: PointerEvent) => {
    const element = scroller.current!;
    const box = element.getBoundingClientRect();
    if (event.clientY < box.top + 40) element.scrollTop -= 12;
    if (event.clientY > box.bottom - 40) element.scrollTop += 12;
    setDrag((now) => now && { ...now, to: indexAt(event.clientY) });
  };
  const height = scroller.current?.clientHeight ?? 800;
  const first = Math.max(0, Math.floor(top / row) - OVER);
  const last = Math.min(clips.length, Math.ceil((top + height) / row) + OVER);
  const playable = clips.filter(({ audioPath }) => audioPath !== null);
  return (
    <div
      class="scroll plist"
      ref={scroller}
      onScroll={(event) => {
        setTop(event.currentTarget.scrollTop);
        remembered.top = event.currentTarget.scrollTop;
      }}
    >
      <p class="vh" role="status">
        {moved}
      </p>
      <ol
        class="all"
        aria-label={playlist.name}
        ref={(element) => element?.style.setProperty("height", `${clips.length * row}px`)}
      >
        {clips.slice(first, last).map((clip, at) => {
          const index = first + at;
          const isCurrent = current.value?.id === clip.id;
          const sounds = isCurrent && isPlaying.value;
          const title = titleOf(clip);
          return (
            <li
              key={`${clip.id} ${clip.addedAt} ${clip.position}`}
              class={`entry ${isCurrent ? "playing" : ""} ${drag?.from === index ? "dragged" : ""} ${dropClass(drag, index)}`}
              aria-setsize={clips.length}
              aria-posinset={index + 1}
              ref={(element) => element?.style.setProperty("transform", `translateY(${index * row}px)`)}
              onContextMenu={(event) => openSongMenu(event, clip)}
            >
              <button
                type="button"
                class="grip"
                data-grip={index}
                aria-label={`Move ${title}, ${index + 1} of ${clips.length}: Alt and arrows, or drag`}
                onPointerDown={(event) => {
                  event.currentTarget.setPointerCapture(event.pointerId);
                  setDrag({ from: index, to: index });
                }}
                onPointerMove={(event) => drag && follow(event)}
                onPointerUp={() => {
                  if (drag) move(drag.from, drag.to);
                  setDrag(undefined);
                }}
                onPointerCancel={() => setDrag(undefined)}
                onKeyDown={(event) => {
                  const step = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity }[event.key];
                  if (step === undefined || !event.altKey) return;
                  event.preventDefault();
                  event.stopPropagation();
                  move(index, index + step);
                }}
              >
                <i aria-hidden="true" />
              </button>
              <button
                type="button"
                class="n num"
                aria-label={`${sounds ? "Pause" : "Play"} ${title}, ${clock(clip.durationSeconds)}`}
                disabled={clip.audioPath === null}
                onClick={() =>
                  isCurrent
                    ? toggle()
                    : play(
                        playable,
                        playable.findIndex((one) => one.position === clip.position),
                      )
                }
              >
                <Icon name={sounds ? "pause" : clip.audioPath === null ? "alert" : "play"} size="s" />
              </button>
              <Cover clip={clip} pixels={96} class="c36" />
              <a class="ti" href={`/song/${clip.id}`} title={title}>
                <bdi class="trunc">{title}</bdi>
                <small class="trunc">{clip.audioPath === null ? "audio missing" : madeBy(clip)}</small>
              </a>
              <span class="num q">{clock(clip.durationSeconds)}</span>
              <span class="c-rate">
                <Rating clip={clip} />
              </span>
              <Star clip={clip} />
              <button
                type="button"
                class="ib"
                aria-label={`Take ${title} off the list`}
                onClick={() => void removeEntry(playlist, index)}
              >
                <Icon name="close" size="s" />
              </button>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

/** Where the dragged row would come: above or below the row that it is over. */
function dropClass(drag: { from: number; to: number } | undefined, index: number): string {
  if (!drag || drag.to !== index || drag.from === drag.to) return "";
  return drag.to < drag.from ? "above" : "below";
}
