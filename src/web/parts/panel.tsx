import { useEffect, useState } from "preact/hooks";
import { ask } from "../state/api.ts";
import { clock, madeBy, titleOf, type ListedSong } from "../state/song.ts";
import { sectionsOf } from "../state/lyric.ts";
import { playIndex, seconds, seek } from "../state/player.ts";
import { current, queue, removeAt, upcoming } from "../state/queue.ts";
import { set, settings } from "../state/settings.ts";
import { Cover } from "./cover.tsx";
import { Icon } from "./icon.tsx";

/** Beside the list: the words of the song that plays, and what plays next. */
export function Panel() {
  const { panel } = settings.value;
  if (panel === null) return null;
  return (
    <aside class="panel" aria-label={panel === "lyrics" ? "Lyrics" : "Queue"}>
      <div class="tabs" role="tablist">
        {(["lyrics", "queue"] as const).map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            aria-selected={panel === name}
            onClick={() => set({ panel: name })}
          >
            {name === "lyrics" ? "Lyrics" : `Queue ${upcoming.value.length}`}
          </button>
        ))}
        <span class="gap" />
        <button type="button" class="ib" aria-label="Close" onClick={() => set({ panel: null })}>
          <Icon name="close" />
        </button>
      </div>
      {panel === "lyrics" ? <Lyrics clip={current.value} /> : <Upcoming />}
    </aside>
  );
}

function Lyrics({ clip }: { clip: ListedSong | undefined }) {
  const lyric = useLyric(clip);
  if (!clip) return <p class="hint">Nothing plays.</p>;
  const sections = sectionsOf(lyric ?? null);
  if (sections.length === 0)
    return <p class="hint">{lyric === undefined ? "" : "No words: an instrumental, or none were sent."}</p>;
  const times = sections.flatMap(({ lines }) => lines.flatMap(({ at }) => at ?? []));
  const now = times.findLast((at) => at <= seconds.value + 0.2);
  return (
    <div class="lyr">
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

/** A queue that outlived a reload has no words: they are read for the one song. */
function useLyric(clip: ListedSong | undefined): string | null | undefined {
  const [read, setRead] = useState<{ id: string; lyric: string | null }>();
  const id = clip?.id;
  const known = clip?.lyric ?? undefined;
  useEffect(() => {
    if (!id || known !== undefined) return undefined;
    const stop = new AbortController();
    ask<{ lyric: string | null }>(`/api/clips/${id}`, {}, stop.signal).then(
      ({ lyric }) => setRead({ id, lyric }),
      () => {},
    );
    return () => stop.abort();
  }, [id, known]);
  return known ?? (read?.id === id ? read?.lyric : undefined);
}

function Upcoming() {
  const { at, clips } = queue.value;
  const minutes = upcoming.value.reduce((sum, { durationSeconds }) => sum + (durationSeconds ?? 0), 0);
  if (clips.length === 0) return <p class="hint">The queue is empty: play a song, and the ones below it follow.</p>;
  return (
    <div class="queue">
      <h3>
        <span>Next</span>
        <span class="num">{clock(minutes)}</span>
      </h3>
      <ul>
        {clips.slice(at + 1, at + 201).map((clip, index) => (
          <li key={`${index} ${clip.id}`}>
            <button
              type="button"
              class="plain"
              aria-label={`Play ${titleOf(clip)}`}
              onClick={() => playIndex(at + 1 + index)}
            >
              <Cover clip={clip} pixels={96} class="c36" />
            </button>
            <span class="trunc">
              <bdi class="trunc">{titleOf(clip)}</bdi>
              <small>{[madeBy(clip), clock(clip.durationSeconds)].filter(Boolean).join(" · ")}</small>
            </span>
            <button
              type="button"
              class="ib"
              aria-label={`Take ${titleOf(clip)} off the queue`}
              onClick={() => removeAt(at + 1 + index)}
            >
              <Icon name="close" size="s" />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
