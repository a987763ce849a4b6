import { useEffect, useState } from "preact/hooks";
import { Bars } from "../parts/bars.tsx";
import { ask, type ServiceFailure } from "../state/api.ts";
import { count, size, span } from "../state/song.ts";
import { Failure } from "./library-states.tsx";

type Group = { key: string | null; clips: number; minutes: number; files: number; bytes: number };
type By = Record<"month" | "model" | "action" | "state" | "hour", Group[]>;
type Totals = { clips: number; tasks: number; minutes: number; bytes: number };

const NAMES = ["month", "model", "action", "state", "hour"] as const;

/** The library in numbers. */
export function Stats() {
  const [by, setBy] = useState<By>();
  const [totals, setTotals] = useState<Totals>();
  const [failure, setFailure] = useState<ServiceFailure>();
  useEffect(() => {
    const stop = new AbortController();
    const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const one = (name: string) =>
      ask<{ totals: Totals; by: Record<string, Group[]> }>("/api/stats", { by: name, timezone }, stop.signal);
    Promise.all(NAMES.map(one)).then(
      (found) => {
        setTotals(found[0]?.totals);
        setBy(Object.fromEntries(NAMES.map((name, at) => [name, found[at]?.by[name] ?? []])) as By);
      },
      (error: ServiceFailure) => !stop.signal.aborted && setFailure(error),
    );
    return () => stop.abort();
  }, []);
  if (failure) return <Failure failure={failure} />;
  if (!by || !totals) return <div class="view page" role="status" aria-label="Loading" />;
  const best = by.month.toSorted((one, other) => other.clips - one.clips)[0];
  const failed = by.state.find(({ key }) => key === "failed")?.clips ?? 0;
  return (
    <div class="view page stats">
      <h1 class="page-title">Statistics</h1>
      <dl class="figs">
        <Figure name="songs" value={totals.clips.toLocaleString("en")} />
        <Figure name="of music" value={span(totals.minutes)} />
        <Figure name="requests" value={totals.tasks.toLocaleString("en")} />
        <Figure name="stored" value={size(totals.bytes)} />
      </dl>
      <Bars
        title={best?.key ? `Most songs were made in ${best.key}: ${best.clips.toLocaleString("en")}` : "Songs by month"}
        measure="songs a month"
        bars={by.month.map(({ key, clips }) => ({ label: key ?? "no date", value: clips }))}
      />
      <Bars
        title={`${by.model[0]?.key ?? "One model"} made most of them`}
        measure="songs by model"
        isWide
        bars={by.model.map(({ key, clips }) => ({ label: key ?? "not said", value: clips }))}
      />
      <Bars
        title={`${count(by.action.length, "way", "ways")} of making a song were used`}
        measure="songs by action"
        isWide
        bars={by.action.map(({ key, clips }) => ({ label: (key ?? "not said").replaceAll("_", " "), value: clips }))}
      />
      <Bars
        title={failed > 0 ? `${count(failed, "song")} failed` : "No song failed"}
        measure="songs by state"
        isWide
        bars={by.state.map(({ key, clips }) => ({ label: key ?? "not said", value: clips }))}
      />
      <Bars
        title="When in the day"
        measure="songs by the hour they were made in, in this browser's time zone"
        bars={by.hour.map(({ key, clips }) => ({ label: key ?? "no date", value: clips }))}
      />
    </div>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dd class="num">{value}</dd>
      <dt>{name}</dt>
    </div>
  );
}
