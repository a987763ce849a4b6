import { useEffect, useMemo, useState } from "preact/hooks";
import { Cover } from "../parts/cover.tsx";
import { Icon } from "../parts/icon.tsx";
import { Waveform } from "../parts/waveform.tsx";
import { address, go, withWords } from "../state/address.ts";
import { ask, type ServiceFailure } from "../state/api.ts";
import { clock, madeBy, titleOf, type ListedSong } from "../state/song.ts";
import { closeDuel, duel, hear, openDuel, seekDuel, toggleDuel } from "../state/duel.ts";
import { addKeys } from "../state/keys.ts";
import { marksOf, setStar } from "../state/marks.ts";
import { toast } from "../state/toasts.ts";
import { wordDifferences, type Piece } from "../state/word-differences.ts";
import { Failure } from "./library-states.tsx";

type Side = "A" | "B";

/** Takes side by side: one key switches between two at the same place, and the better one is starred. */
export function Compare() {
  const ids = (address.value.query.get("ids") ?? "").split(",").filter(Boolean);
  const key = ids.join(",");
  const [clips, setClips] = useState<ListedSong[]>([]);
  const [failure, setFailure] = useState<ServiceFailure>();
  const [pair, setPair] = useState<[number, number]>([0, 1]);
  const [isBlind, setBlind] = useState(false);
  const [out, setOut] = useState<ReadonlySet<number>>(new Set());
  useEffect(() => {
    const stop = new AbortController();
    setPair([0, 1]);
    setOut(new Set());
    Promise.all(
      ids.map((id) =>
        ask<ListedSong & { files: { kind: string; state: string }[] }>(`/api/clips/${id}`, {}, stop.signal),
      ),
    ).then(
      (found) => setClips(found.map(withPaths)),
      (error: ServiceFailure) => !stop.signal.aborted && setFailure(error),
    );
    return () => stop.abort();
  }, [key]);
  const [A, B] = [clips[pair[0]], clips[pair[1]]];
  useEffect(() => {
    if (A && B) void openDuel(A.id, B.id);
    return closeDuel;
  }, [A?.id, B?.id]);

  const keep = (side: Side) => {
    const [kept, other] = side === "A" ? pair : [pair[1], pair[0]];
    const clip = clips[kept];
    if (!clip) return;
    void setStar(clip, true);
    toast(`${isBlind ? side : titleOf(clip)} is starred`, () => void setStar(clip, false));
    const rest = new Set(out).add(other);
    setOut(rest);
    const next = clips.findIndex((_, at) => at !== kept && !rest.has(at));
    if (next >= 0) setPair([kept, next]);
    else setBlind(false);
  };
  const nextPair = () => {
    const left = clips.map((_, at) => at).filter((at) => !out.has(at) && !pair.includes(at));
    if (left[0] !== undefined) setPair([pair[0], left[0]]);
  };
  const other = (): Side => (duel.value.heard === "A" ? "B" : "A");
  useEffect(
    () =>
      addKeys("Compare", [
        { key: "x", label: "Switch", letter: true, run: () => hear(other()) },
        { key: " ", label: "Play or pause", run: toggleDuel },
        { key: "ArrowRight", label: "5 seconds on", run: () => seekDuel(duel.value.at + 5) },
        { key: "ArrowLeft", label: "5 seconds back", run: () => seekDuel(duel.value.at - 5) },
        { key: "1", label: "Keep A", letter: true, run: () => keep("A") },
        { key: "2", label: "Keep B", letter: true, run: () => keep("B") },
        { key: "b", label: "Blind", letter: true, run: () => setBlind((on) => !on) },
        { key: "n", label: "Next pair", letter: true, run: nextPair },
      ]),
    [pair, clips, out, isBlind],
  );
  if (failure) return <Failure failure={failure} />;
  if (ids.length < 2) return <Choose />;
  if (!A || !B) return <div class="view page" role="status" aria-label="Loading" />;
  const { heard, isPlaying, isReady, problem, gains } = duel.value;
  return (
    <div class="view page cmp">
      <header class="top">
        <div>
          <h1>{isBlind ? "Which one?" : titleOf(A) === titleOf(B) ? titleOf(A) : `${titleOf(A)} · ${titleOf(B)}`}</h1>
          <p class="sub">
            {clips.length} takes, {clips.length - out.size} left
            {isBlind && " · names, seeds and order are hidden until one is kept"}
          </p>
        </div>
        <Takes
          clips={clips}
          pair={pair}
          out={out}
          isBlind={isBlind}
          choose={(at, side) => setPair(side === "A" ? [at, pair[1]] : [pair[0], at])}
        />
      </header>
      <section class="deck" aria-label="Comparison">
        <div class="duo">
          {(["A", "B"] as const).map((side) => (
            <>
              <button
                type="button"
                class={`sidebtn ${side}`}
                aria-pressed={heard === side}
                aria-label={`Hear ${side}`}
                onClick={() => hear(side)}
              >
                <b>{side}</b>
                <small>{heard === side ? "heard" : "silent"}</small>
              </button>
              <Waveform
                class={`${side} ${heard === side ? "" : "off"}`}
                id={(side === "A" ? A : B).id}
                at={duel.value.at}
                length={duel.value.length}
                label={`Position, take ${side}`}
                onSeek={seekDuel}
              />
            </>
          ))}
        </div>
        <div class="ctl">
          <button
            type="button"
            class="pp"
            disabled={!isReady}
            aria-label={isPlaying ? "Pause" : "Play"}
            onClick={toggleDuel}
          >
            <Icon name={isPlaying ? "pause" : "play"} size="l" />
          </button>
          <span class="time num">
            {clock(duel.value.at)} / {clock(duel.value.length)}
          </span>
          <button type="button" class="btn" onClick={() => hear(other())}>
            Switch <kbd>X</kbd>
          </button>
          <button type="button" class="btn" aria-pressed={isBlind} onClick={() => setBlind(!isBlind)}>
            {isBlind ? "Show names" : "Blind"} <kbd>B</kbd>
          </button>
          <span class="gap" />
          {(["A", "B"] as const).map((side) => (
            <button key={side} type="button" class="btn pri" onClick={() => keep(side)}>
              Keep {side} <kbd>{side === "A" ? "1" : "2"}</kbd>
            </button>
          ))}
        </div>
        <p class="sub" role="status">
          {problem ?? (isReady ? loudnessText(gains) : "both are loading")}
        </p>
      </section>
      {!isBlind && <Differences a={A} b={B} />}
    </div>
  );
}

function Takes(props: {
  clips: ListedSong[];
  pair: [number, number];
  out: ReadonlySet<number>;
  isBlind: boolean;
  choose: (at: number, side: Side) => void;
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

function loudnessText({ A, B }: { A: number; B: number }): string {
  const side =
    A < -0.05
      ? `A is turned down by ${(-A).toFixed(1)} dB`
      : B < -0.05
        ? `B is turned down by ${(-B).toFixed(1)} dB`
        : "";
  return side ? `${side}, so that both are equally loud` : "both are equally loud";
}

/** Only what differs; the rest is folded. */
function Differences({ a, b }: { a: ListedSong; b: ListedSong }) {
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

function Pieces({ pieces, side }: { pieces: Piece[]; side: Side }) {
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

function withPaths(shown: ListedSong & { files: { kind: string; state: string }[] }): ListedSong {
  const has = (kind: string) => shown.files.some((file) => file.kind === kind && file.state === "stored");
  return { ...shown, audioPath: has("audio") ? "stored" : null, imagePath: has("image") ? "stored" : null };
}

/** Without songs in the address: the newest family of takes to begin with. */
function Choose() {
  const [takes, setTakes] = useState<ListedSong[]>([]);
  useEffect(() => {
    ask<{ items: ListedSong[] }>("/api/clips", { limit: 200, has: "audio" }).then(
      ({ items }) => setTakes(firstTakes(items)),
      () => {},
    );
  }, []);
  return (
    <div class="center">
      <Icon name="compare" size="l" />
      <h1>Compare takes of a song</h1>
      <p>Pick two or more songs in the library (X), then Compare (C): they play at one place, and one key switches.</p>
      {takes.length >= 2 && (
        <button
          type="button"
          class="btn pri"
          onClick={() => go(withWords({ ids: takes.map(({ id }) => id).join(",") }))}
        >
          Compare the newest takes: {titleOf(takes[0]!)}
        </button>
      )}
    </div>
  );
}

/** The newest songs of one title, or else the two newest. */
function firstTakes(clips: ListedSong[]): ListedSong[] {
  const groups = [
    ...Map.groupBy(
      clips.filter(({ title }) => title),
      ({ title }) => title,
    ).values(),
  ];
  return (groups.find((group) => group.length >= 2) ?? clips.slice(0, 2)).slice(0, 12);
}
