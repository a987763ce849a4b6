import { marksOf } from "../../state/marks.ts";
import { duel } from "../../state/duel.ts";
import type { ListedSong } from "../../state/song.ts";

/** The takes that are compared, as bars: two of them are A and B, a click puts one to the side that is heard. */
export function TakesRow(props: {
  clips: ListedSong[];
  pair: [number, number];
  out: ReadonlySet<number>;
  isBlind: boolean;
  choose: (at: number, side: "A" | "B") => void;
}) {
  const { clips, pair, out, isBlind, choose } = props;
  return (
    <div class="combb" role="group" aria-label="Takes">
      {clips.map((clip, at) => {
        const { rating, starred } = marksOf(clip);
        const side = at === pair[0] ? "A" : at === pair[1] ? "B" : "";
        return (
          <button
            key={clip.id}
            type="button"
            class={`${side} ${starred && !isBlind ? "s" : ""} ${out.has(at) ? "out" : ""}`}
            aria-label={`Take ${at + 1}${side && `, ${side}`}`}
            onClick={() => choose(at, duel.value.heard)}
          >
            <i ref={(element) => element?.style.setProperty("--r", String(isBlind ? 0 : rating))} />
            <small>{at + 1}</small>
          </button>
        );
      })}
    </div>
  );
}
