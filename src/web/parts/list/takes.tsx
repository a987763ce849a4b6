import { clock, count, songOfTake, titleOf, type ListedSong } from "../../state/song.ts";
import { go } from "../../state/address.ts";
import { isPlaying, playFromList, toggle } from "../../state/player.ts";
import { current } from "../../state/queue.ts";
import { openSongMenu } from "../../state/song-menu.ts";
import { pickSong, selected } from "../../state/selection.ts";
import { Icon } from "../icon.tsx";
import { Rating, Star } from "../marks.tsx";

const MOST = 12;
const ROW = 40;

/** The height of an unfolded stack, in pixels. */
export function heightOfTakes({ stack }: ListedSong): number {
  const rows = stack ? Math.min(stack.takes.length, MOST) : 0;
  return rows * ROW + ROW + 16;
}

/** The takes of a stack below its row, the best first. */
export function Takes({ clip }: { clip: ListedSong | undefined }) {
  if (!clip?.stack) return null;
  const { stack } = clip;
  const takes = stack.takes.map((take) => ({ plays: take.plays, song: songOfTake(clip, take) }));
  return (
    <div class="drawer" role="group" aria-label={`Takes of ${titleOf(clip)}`}>
      <div class="takeshead">
        <b>{count(stack.size, "take")}</b>
        <span class="q">differ in nothing but the seed</span>
        <button type="button" class="link" onClick={() => go(`/compare?ids=${stack.clips.slice(0, 12).join(",")}`)}>
          <Icon name="compare" size="s" /> Compare them
        </button>
      </div>
      <ul>
        {takes.map(({ song, plays }, at) => {
          const isCurrent = current.value?.id === song.id;
          const sounds = isCurrent && isPlaying.value;
          const name = `take ${at + 1}`;
          return (
            <li
              key={song.id}
              class={`${isCurrent ? "playing" : ""} ${selected.value.has(song.id) ? "selected" : ""}`}
              onContextMenu={(event) => openSongMenu(event, song)}
              onClick={(event) => {
                if (!event.shiftKey || (event.target as Element).closest("button")) return;
                event.preventDefault();
                pickSong(song);
              }}
            >
              <button
                type="button"
                class="n"
                aria-label={`${sounds ? "Pause" : "Play"} ${name}, ${clock(song.durationSeconds)}`}
                disabled={song.audioPath === null}
                onClick={() =>
                  isCurrent
                    ? toggle()
                    : playFromList(
                        takes.map((take) => take.song),
                        at,
                      )
                }
              >
                <Icon name={sounds ? "pause" : song.audioPath === null ? "alert" : "play"} size="s" />
              </button>
              <a class="trunc" href={`/song/${song.id}`}>
                Take {at + 1}
                {song.seed && (
                  <span class="q">
                    {" · seed "}
                    <span class="mono">{song.seed}</span>
                  </span>
                )}
                {plays === 0 && <span class="q"> · not heard</span>}
              </a>
              <span class="num q">{clock(song.durationSeconds)}</span>
              <span class="c-rate">
                <Rating clip={song} />
              </span>
              <Star clip={song} />
            </li>
          );
        })}
      </ul>
    </div>
  );
}
