import { useEffect, useState } from "preact/hooks";
import { Icon } from "../../parts/icon.tsx";
import { Waveform } from "../../parts/player/waveform.tsx";
import { address } from "../../state/address.ts";
import { ask, type ServiceFailure } from "../../state/api.ts";
import { clock, titleOf, type ListedSong } from "../../state/song.ts";
import { closeDuel, duel, hear, openDuel, seekDuel, toggleDuel } from "../../state/duel.ts";
import { addKeys } from "../../state/keys.ts";
import { setStar } from "../../state/marks.ts";
import { toast } from "../../state/toasts.ts";
import { songOf } from "../clip/shown.ts";
import { Choose } from "./choose.tsx";
import { Differences } from "./differences.tsx";
import { TakesRow } from "./takes-row.tsx";
import { Failure } from "../library-states.tsx";

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
      (found) => setClips(found.map(songOf)),
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
  if (failure) return <Failure failure={failure} again={() => location.reload()} />;
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
        <TakesRow
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

function loudnessText({ A, B }: { A: number; B: number }): string {
  const side =
    A < -0.05
      ? `A is turned down by ${(-A).toFixed(1)} dB`
      : B < -0.05
        ? `B is turned down by ${(-B).toFixed(1)} dB`
        : "";
  return side ? `${side}, so that both are equally loud` : "both are equally loud";
}
