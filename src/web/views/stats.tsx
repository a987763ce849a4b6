import { Bars } from "../parts/bars.tsx";
import { monthName } from "../parts/list/day-name.ts";
import { Cover } from "../parts/cover.tsx";
import { playFromList } from "../state/player.ts";
import { ask } from "../state/api.ts";
import { count, size, span, titleOf, type ListedSong } from "../state/song.ts";
import { Failure } from "./library-states.tsx";
import { useAsked } from "./use-asked.ts";
import type { Statistics } from "../../query/stats/statistics.ts";

const MOST_PLAYED = 12;

type Found = { all: Statistics; most: ListedSong[] };

/** The library in numbers. */
export function Stats() {
  const { found, failure, again } = useAsked<Found>(readAll, []);
  if (failure && !found) return <Failure failure={failure} again={again} />;
  if (!found) return <div class="view page" role="status" aria-label="Loading" />;
  const { all, most } = found;
  const { totals, by, music, hours, storage, tasks, plays } = all;
  const best = music.month.toSorted((one, other) => other.minutes - one.minutes)[0];
  const model = by.model[0];
  const share = totals.clips > 0 && model ? Math.round((model.clips / totals.clips) * 100) : 0;
  const latest = hours.toSorted((one, other) => other.clips - one.clips)[0];
  const bytes = storage.kinds.toSorted((one, other) => other.bytes - one.bytes);
  if (totals.clips === 0)
    return (
      <div class="view page">
        <h1 class="page-title">Statistics</h1>
        <p class="q">There is no song yet to count.</p>
      </div>
    );
  return (
    <div class="view page stats">
      <h1 class="page-title">Statistics</h1>
      <dl class="figs">
        <Figure name="songs" value={totals.clips.toLocaleString("en")} />
        <Figure name="of music" value={span(totals.minutes)} />
        <Figure name={`heard, ${count(plays.plays, "play")}`} value={plays.songs.toLocaleString("en")} />
        <Figure name="never heard" value={Math.max(0, totals.clips - plays.songs).toLocaleString("en")} />
        <Figure name="on this disk" value={size(totals.bytes)} />
      </dl>
      <Bars
        title={best?.key ? `${monthName(best.key)} has the most music: ${span(best.minutes)}` : "Music by month"}
        measure="minutes made each month"
        show={(minutes) => (minutes < 10 ? minutes.toFixed(1) : Math.round(minutes).toLocaleString("en"))}
        bars={music.month.map(({ key, minutes }) => ({ label: key ?? "no date", value: minutes }))}
      />
      <div class="plots">
        <Bars
          title={`${model?.key ?? "One model"} made ${share} % of them`}
          measure="songs by model"
          isWide
          bars={by.model.map(({ key, clips }) => ({ label: key ?? "not known", value: clips }))}
        />
        <Bars
          title={`Most are made by “${by.action[0]?.key?.replaceAll("_", " ") ?? "not known"}”`}
          measure="songs by action"
          isWide
          bars={by.action.map(({ key, clips }) => ({ label: (key ?? "not known").replaceAll("_", " "), value: clips }))}
        />
        <Bars
          title={successOf(tasks)}
          measure="songs by state"
          isWide
          bars={by.state.map(({ key, clips }) => ({ label: key ?? "not known", value: clips }))}
        />
        <Bars
          title={
            bytes[0]
              ? `${Math.round((bytes[0].bytes / Math.max(1, totals.bytes)) * 100)} % of the disk is ${bytes[0].kind}`
              : "Storage"
          }
          measure="stored bytes by kind"
          isWide
          show={size}
          bars={bytes.map(({ kind, bytes: value }) => ({ label: kind, value }))}
        />
        <Bars
          title={latest ? `Most are made from ${latest.hour} to ${latest.hour + 1} o’clock` : "When in the day"}
          measure="songs by the hour they were made in, your time zone"
          bars={hours.map(({ hour, clips }) => ({ label: String(hour), value: clips }))}
        />
        <Bars
          title={plays.songs > 0 ? `${count(plays.songs, "song")} heard at least once` : "Nothing was heard yet"}
          measure="songs by the month they were last heard in"
          bars={plays.lastHeard.map(({ month, songs }) => ({ label: month, value: songs }))}
        />
      </div>
      <section class="sect">
        <h2>Most played</h2>
        <p class="q">A play is more than half of a song, in this page or in a player.</p>
        {most.length === 0 && <p>Nothing yet.</p>}
        <ol class="mosts">
          {most.map((clip, at) => (
            <li key={clip.id}>
              <button type="button" aria-label={`Play ${titleOf(clip)}`} onClick={() => playFromList(most, at)}>
                <Cover clip={clip} pixels={96} class="c36" />
              </button>
              <a class="trunc" href={`/song/${clip.id}`}>
                <bdi>{titleOf(clip)}</bdi>
              </a>
              <span class="num">{(clip.plays ?? 0).toLocaleString("en")}</span>
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}

async function readAll(signal: AbortSignal): Promise<Found> {
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const [all, { items }] = await Promise.all([
    ask<Statistics>("/api/stats", { timezone }, signal),
    ask<{ items: ListedSong[] }>("/api/clips", { sort: "-plays", heard: true, limit: MOST_PLAYED }, signal),
  ]);
  return { all, most: items };
}

function successOf({ succeeded, partial, failed, successRate }: Statistics["tasks"]): string {
  if (succeeded + partial + failed === 0) return "No request has ended yet";
  return `${(successRate * 100).toFixed(1)} % of requests succeed`;
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dd class="num">{value}</dd>
      <dt>{name}</dt>
    </div>
  );
}
