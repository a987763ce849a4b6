import { useState } from "preact/hooks";
import type { LastRun } from "../../query/history/runs.ts";
import { clock, count, size } from "../state/song.ts";
import { TIME } from "./times.ts";

/** The last runs as bars on a line, the newest at the end: height is how long each took. One is shown whole. */
export function RunBars({ runs }: { runs: LastRun[] }) {
  const [chosen, setChosen] = useState(0);
  if (runs.length === 0)
    return (
      <p class="q">
        No run yet: <code>producer-mirror sync</code>, or the button above.
      </p>
    );
  const longest = Math.max(1, ...runs.map(secondsOf));
  const run = runs[Math.min(chosen, runs.length - 1)]!;
  return (
    <>
      <div class="runs" role="radiogroup" aria-label="Runs, the newest last">
        {runs.toReversed().map((one, at) => {
          const index = runs.length - 1 - at;
          return (
            <button
              key={one.id}
              type="button"
              role="radio"
              aria-checked={index === chosen}
              aria-label={`${one.startedAt ? TIME.format(new Date(one.startedAt)) : "a run"}, ${one.outcome ?? "not ended"}`}
              tabIndex={index === chosen ? 0 : -1}
              class={one.outcome ?? "open"}
              onClick={() => setChosen(index)}
              onKeyDown={(event) => {
                const step = { ArrowLeft: 1, ArrowRight: -1 }[event.key];
                if (step === undefined) return;
                event.preventDefault();
                event.stopPropagation();
                const to = Math.max(0, Math.min(runs.length - 1, chosen + step));
                setChosen(to);
                (event.currentTarget.parentElement?.children[runs.length - 1 - to] as HTMLElement | undefined)?.focus();
              }}
            >
              <i
                ref={(element) =>
                  element?.style.setProperty("height", `${Math.max(6, (secondsOf(one) / longest) * 100)}%`)
                }
              />
            </button>
          );
        })}
      </div>
      <p class="legend q">height is how long it took, the longest {clock(longest)}</p>
      <dl class="params">
        <dt>started</dt>
        <dd>
          {run.startedAt ? TIME.format(new Date(run.startedAt)) : "not known"} · {run.trigger}
        </dd>
        <dt>outcome</dt>
        <dd class={run.outcome === "complete" ? "" : "lacks"}>{run.outcome ?? "not ended"}</dd>
        <dt>came</dt>
        <dd class="num">
          {count(run.clips.new, "new song")}, {count(run.assets.stored, "file")}, {size(run.assets.bytes)}
        </dd>
        {run.error && (
          <>
            <dt>problem</dt>
            <dd>{run.error.message ?? run.error.code}</dd>
          </>
        )}
      </dl>
    </>
  );
}

function secondsOf({ startedAt, finishedAt }: LastRun): number {
  return startedAt && finishedAt ? Math.max(0, (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000) : 0;
}
