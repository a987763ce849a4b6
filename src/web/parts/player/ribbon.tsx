import { clock } from "../../state/song.ts";
import type { Section } from "../../state/lyric.ts";

type Part = { name: string; from: number; to: number };

/** The parts of a song below its waveform, where its lyric carries times; a click seeks there. */
export function Ribbon({
  sections,
  at,
  length,
  onSeek,
}: {
  sections: Section[];
  at: number;
  length: number;
  onSeek: (to: number) => void;
}) {
  const parts = partsOf(sections, length);
  if (parts.length === 0) return null;
  return (
    <div class="ribbon" role="group" aria-label="Parts of the song">
      {parts.map(({ name, from, to }) => (
        <button
          key={from}
          type="button"
          class={at >= from && at < to ? "now" : ""}
          aria-label={`${name}, from ${clock(from)}`}
          title={name}
          onClick={() => onSeek(from)}
          ref={(element) => {
            element?.style.setProperty("left", `${(from / length) * 100}%`);
            element?.style.setProperty("width", `${((to - from) / length) * 100}%`);
          }}
        >
          <span class="long">{name}</span>
          <span class="short">{shortOf(name)}</span>
        </button>
      ))}
    </div>
  );
}

/** The part that plays, by its name. */
export function partAt(sections: Section[], at: number, length: number): string | undefined {
  return partsOf(sections, length).find(({ from, to }) => at >= from && at < to)?.name;
}

function partsOf(sections: Section[], length: number): Part[] {
  const starts = sections.flatMap(({ name, lines }) => {
    const from = lines.find(({ at }) => at !== null)?.at;
    return name !== null && typeof from === "number" && from < length ? [{ name, from }] : [];
  });
  return starts.map((start, index) => ({ ...start, to: starts[index + 1]?.from ?? length }));
}

/** `Verse 2` is V2, `Chorus` C. */
function shortOf(name: string): string {
  return (name[0] ?? "").toUpperCase() + (/\d+/.exec(name)?.[0] ?? "");
}
