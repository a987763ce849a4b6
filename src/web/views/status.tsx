import { useEffect, useState } from "preact/hooks";
import { ago } from "../parts/frame/ago.ts";
import { Cover } from "../parts/cover.tsx";
import { Icon } from "../parts/icon.tsx";
import { LiveWork } from "../parts/live-work.tsx";
import { RunBars } from "../parts/run-bars.tsx";
import { TIME } from "../parts/times.ts";
import { ask, change, type ServiceFailure } from "../state/api.ts";
import { onLive, work } from "../state/live.ts";
import { count, size, titleOf, type ListedSong } from "../state/song.ts";
import { toast } from "../state/toasts.ts";
import { Failure } from "./library-states.tsx";
import { useAsked } from "./use-asked.ts";
import type { Why } from "../../query/explain/why.ts";
import type { Status as Counts } from "../../query/stats/status.ts";
import type { LastRun } from "../../query/history/runs.ts";

const RUNS = 48;
const MISSING = 12;

type Found = { counts: Counts; runs: LastRun[]; missing: ListedSong[]; total: number | null };

/** What is here, what is missing and why, what is at work, how the last runs went. */
export function Status() {
  const [times, setTimes] = useState(0);
  useEffect(
    () => onLive(({ event }) => /complete|failed|gone|missed|damaged/.test(event) && setTimes((n) => n + 1)),
    [],
  );
  const { found, failure, again } = useAsked<Found>(readAll, [times]);
  if (failure && !found) return <Failure failure={failure} again={again} />;
  if (!found) return <div class="view page" role="status" aria-label="Loading" />;
  const { counts, runs, missing, total } = found;
  return (
    <div class="view page">
      <header class="pagehead">
        <h1 class="page-title">Status</h1>
        <Start path="/api/sync" label="Sync" busy="Syncing" kind="sync" />
        <Start path="/api/verify" label="Verify" busy="Verifying" kind="verify" />
      </header>
      <Proof counts={counts} />
      <LiveWork />
      <section class="sect">
        <h2>
          Songs without audio, and why{" "}
          {total !== null && total > 0 && <span class="q num">{total.toLocaleString("en")}</span>}
        </h2>
        {missing.length === 0 && <p class="q">None: every song's audio is on this disk.</p>}
        <ul class="whylist">
          {missing.map((clip) => (
            <Missing key={clip.id} clip={clip} />
          ))}
        </ul>
        {total !== null && total > missing.length && (
          <p>
            <a class="link" href="/?missing=audio">
              All {total.toLocaleString("en")} in the library
            </a>
          </p>
        )}
      </section>
      <Copies counts={counts} />
      <section class="sect">
        <h2>{runs.length > 1 ? `Last ${runs.length} runs` : "Runs"}</h2>
        <RunBars runs={runs} />
      </section>
    </div>
  );
}

async function readAll(signal: AbortSignal): Promise<Found> {
  const [counts, { items: runs }, { items: missing, total }] = await Promise.all([
    ask<Counts>("/api/status", {}, signal),
    ask<{ items: LastRun[] }>("/api/runs", { limit: RUNS }, signal),
    ask<{ items: ListedSong[]; total: number | null }>("/api/clips", { missing: "audio", limit: MISSING }, signal),
  ]);
  return { counts, runs, missing, total };
}

/** One line of proof: how much is here, and when that was last looked at. */
function Proof({ counts: { assets, here, safe, clips, lastVerify, lastRun } }: { counts: Counts }) {
  const isWhole = safe === clips && assets.failed === 0;
  const facts = [
    lastVerify?.finishedAt
      ? `verified ${lastVerify.mode === "full" ? "in full " : ""}${ago(lastVerify.finishedAt)}`
      : "never verified",
    lastRun?.finishedAt && `last run ${ago(lastRun.finishedAt)}, ${lastRun.outcome ?? "not ended"}`,
    assets.wanted > 0 && `${count(assets.wanted, "file")} to fetch`,
    assets.failed > 0 && `${count(assets.failed, "file")} failed`,
    assets.gone > 0 && `${count(assets.gone, "file")} gone at the source`,
  ];
  return (
    <section class={`proof ${isWhole ? "" : "warn"}`}>
      <Icon name={isWhole ? "verify" : "alert"} size="l" />
      <div>
        <b>
          {safe === clips
            ? `All ${count(clips, "song")} are whole on this disk`
            : `${safe.toLocaleString("en")} of ${count(clips, "song")} are whole on this disk`}
          , {size(assets.bytes)}
        </b>
        <p class="q">
          {safe < here && `The audio of ${here.toLocaleString("en")} is here. `}
          {facts.filter(Boolean).join(" · ")}
        </p>
      </div>
    </section>
  );
}

function Missing({ clip }: { clip: ListedSong }) {
  const { found } = useAsked<Why>((signal) => ask(`/api/why/${encodeURIComponent(clip.id)}`, {}, signal), [clip.id]);
  const audio = found?.files.find(({ kind }) => kind === "audio");
  return (
    <li>
      <Cover clip={clip} pixels={96} class="c36" />
      <div>
        <a href={`/song/${clip.id}`}>
          <bdi>{titleOf(clip)}</bdi>
        </a>
        <p class="q">
          {found ? <Words text={(audio?.sentences ?? [...found.sentences, found.next]).join(" ")} /> : "\u00a0"}
        </p>
      </div>
      <a class="btn" href={`/song/${clip.id}`}>
        Open
      </a>
    </li>
  );
}

/** Commands in a sentence are between backticks. */
function Words({ text }: { text: string }) {
  return <>{text.split("`").map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part))}</>;
}

function Copies({ counts: { here, underTwoCopies, lastBackup, assets } }: { counts: Counts }) {
  return (
    <section class="sect">
      <h2>Copies</h2>
      <div class="wrapx">
        <table class="tbl">
          <thead>
            <tr>
              <th>Where</th>
              <th class="r">Songs</th>
              <th class="r">Size</th>
              <th>Seen</th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <td>This disk</td>
              <td class="r num">{here.toLocaleString("en")}</td>
              <td class="r num">{size(assets.bytes)}</td>
              <td>now</td>
            </tr>
            {lastBackup && (
              <tr>
                <td>The last backup</td>
                <td class="r num">{Math.max(0, here - underTwoCopies).toLocaleString("en")}</td>
                <td class="r num" />
                <td>{lastBackup.finishedAt ? TIME.format(new Date(lastBackup.finishedAt)) : "not finished"}</td>
              </tr>
            )}
          </tbody>
        </table>
      </div>
      {underTwoCopies > 0 && (
        <p class="note">
          <Icon name="disk" size="s" />
          <span>
            {count(underTwoCopies, "song has", "songs have")} no second copy in a backup:{" "}
            <code>producer-mirror backup &lt;folder on another disk&gt;</code>
          </span>
        </p>
      )}
    </section>
  );
}

function Start({ path, label, busy, kind }: { path: string; label: string; busy: string; kind: "sync" | "verify" }) {
  const isBusy = work.value?.kind === kind;
  const start = () =>
    change("POST", path).then(
      () => toast(`${label}: begun`),
      (error: ServiceFailure) => toast(error.status === 409 ? error.message : `not begun: ${error.message}`),
    );
  return (
    <button type="button" class="btn" disabled={isBusy} onClick={() => void start()}>
      <Icon name={kind} size="s" /> {isBusy ? busy : label}
    </button>
  );
}
