import { useEffect, useRef } from "preact/hooks";
import { sectionsOf } from "../../state/lyric.ts";
import { seconds, seek } from "../../state/player.ts";
import type { ListedSong } from "../../state/song.ts";
import { useLyric } from "./use-lyric.ts";

/** The words of the song that plays, by sections; a line that carries a time is clicked to seek there. */
export function Lyrics({ clip }: { clip: ListedSong | undefined }) {
  const lyric = useLyric(clip);
  const box = useRef<HTMLDivElement>(null);
  const sections = sectionsOf(lyric ?? null);
  const times = sections.flatMap(({ lines }) => lines.flatMap(({ at }) => at ?? []));
  const now = times.findLast((at) => at <= seconds.value + 0.2);
  useEffect(() => {
    const line = box.current?.querySelector<HTMLElement>(".now");
    if (!line || !box.current) return;
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const top = line.offsetTop - box.current.offsetTop - box.current.clientHeight / 3;
    box.current.scrollTo({ top, behavior: isCalm ? "auto" : "smooth" });
  }, [now]);
  if (!clip) return <p class="hint">Nothing plays.</p>;
  if (sections.length === 0)
    return <p class="hint">{lyric === undefined ? "" : "No words: an instrumental, or none were sent."}</p>;
  return (
    <div class="lyr" ref={box} tabIndex={0} role="group" aria-label="Lyrics">
      {sections.map(({ name, lines }, section) => (
        <section key={section}>
          {name && <h3>{name}</h3>}
          <p>
            {lines.map(({ text, at }, line) =>
              at === null ? (
                <span key={line} class="words" dir="auto">
                  {text || "\u00a0"}
                </span>
              ) : (
                <button
                  key={line}
                  type="button"
                  dir="auto"
                  class={at === now ? "now" : at < seconds.value ? "past" : ""}
                  aria-current={at === now ? "true" : undefined}
                  onClick={() => seek(at)}
                >
                  {text || "\u00a0"}
                </button>
              ),
            )}
          </p>
        </section>
      ))}
    </div>
  );
}
