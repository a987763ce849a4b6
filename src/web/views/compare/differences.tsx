import { useMemo } from "preact/hooks";
import { Cover } from "../../parts/cover.tsx";
import { clock, madeBy, titleOf, type ListedSong } from "../../state/song.ts";
import { wordDifferences, type Piece } from "../../state/word-differences.ts";

/** Only what differs; the rest is folded. */
export function Differences({ a, b }: { a: ListedSong; b: ListedSong }) {
  const facts = (["model", "action", "seed", "durationSeconds", "createdAt"] as const).filter(
    (name) => text(a[name]) !== text(b[name]),
  );
  const prompts = useMemo(() => wordDifferences(a.prompt ?? "", b.prompt ?? ""), [a.prompt, b.prompt]);
  const lyrics = useMemo(() => wordDifferences(a.lyric ?? "", b.lyric ?? ""), [a.lyric, b.lyric]);
  return (
    <section class="sect">
      <h2>What differs</h2>
      <div class="pair">
        {[a, b].map((clip, at) => (
          <a key={clip.id} class="node" href={`/song/${clip.id}`}>
            <Cover clip={clip} pixels={96} class="c36" />
            <span class="trunc">
              <bdi>{titleOf(clip)}</bdi>
              <small>
                {at === 0 ? "A" : "B"} · {madeBy(clip)}
              </small>
            </span>
          </a>
        ))}
      </div>
      <div class="diff">
        {facts.map((name) => (
          <>
            <span class="k">{name.replaceAll(/([A-Z])/g, " $1").toLowerCase()}</span>
            <span class="mono">{text(a[name])}</span>
            <span class="mono">{text(b[name])}</span>
          </>
        ))}
        {differ(prompts) && <Sides name="prompt" one={prompts.one} other={prompts.other} />}
        {differ(lyrics) && <Sides name="lyric" one={lyrics.one} other={lyrics.other} />}
      </div>
      {facts.length === 0 && !differ(prompts) && !differ(lyrics) && <p class="q">Nothing but the sound.</p>}
      {!differ(lyrics) && a.lyric && <p class="q">The lyric is the same in both.</p>}
    </section>
  );
}

function Sides({ name, one, other }: { name: string; one: Piece[]; other: Piece[] }) {
  return (
    <>
      <span class="k">{name}</span>
      <Pieces pieces={one} side="A" />
      <Pieces pieces={other} side="B" />
    </>
  );
}

function Pieces({ pieces, side }: { pieces: Piece[]; side: "A" | "B" }) {
  return (
    <p class="words" dir="auto">
      {pieces.map(({ text: words, isShared }, at) =>
        isShared ? (
          words
        ) : (
          <mark key={at} class={side}>
            {words}
          </mark>
        ),
      )}
    </p>
  );
}

function differ({ one, other }: { one: Piece[]; other: Piece[] }): boolean {
  return [...one, ...other].some(({ isShared, text: words }) => !isShared && words.trim() !== "");
}

function text(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return "none";
  return typeof value === "number" ? clock(value) : value;
}
