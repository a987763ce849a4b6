import { titleOf, type ListedSong } from "../state/song.ts";
import { marksOf, setRating, setStar } from "../state/marks.ts";
import { Icon } from "./icon.tsx";

export function Star({ clip }: { clip: ListedSong }) {
  const { starred } = marksOf(clip);
  return (
    <button
      type="button"
      class="ib star"
      aria-pressed={starred}
      aria-label={`Star ${titleOf(clip)}`}
      onClick={(event) => {
        event.stopPropagation();
        void setStar(clip, !starred);
      }}
    >
      <Icon name="star" size="s" />
    </button>
  );
}

/** Five strokes of a pencil; a click on the one that counts takes the rating back. */
export function Rating({ clip, isBig = false }: { clip: ListedSong; isBig?: boolean }) {
  const { rating } = marksOf(clip);
  return (
    <span class={`rate ${isBig ? "big" : ""}`} role="group" aria-label={rating ? `Rated ${rating} of 5` : "Not rated"}>
      {[1, 2, 3, 4, 5].map((stroke) => (
        <button
          key={stroke}
          type="button"
          class={stroke <= rating ? "y" : ""}
          aria-label={`Rate ${stroke} of 5`}
          aria-pressed={stroke === rating}
          onClick={(event) => {
            event.stopPropagation();
            void setRating(clip, stroke === rating ? 0 : stroke);
          }}
        >
          <i />
        </button>
      ))}
    </span>
  );
}
