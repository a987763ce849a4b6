import { useEffect, useState } from "preact/hooks";
import { Icon } from "../parts/icon.tsx";
import { ask, change, type ServiceFailure } from "../state/api.ts";
import { clock, count, size, titleOf, type ListedSong } from "../state/song.ts";
import { toast } from "../state/toasts.ts";
import { Failure } from "./library-states.tsx";
import type { Status as Counts } from "../../query/stats/status.ts";
import type { LastRun } from "../../query/history/runs.ts";

const TIME = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const AGAIN_MS = 5000;

/** What is here, what is missing, how the last runs went. */
export function Status() {
  const [counts, setCounts] = useState<Counts>();
  const [runs, setRuns] = useState<LastRun[]>([]);
  const [missing, setMissing] = useState<ListedSong[]>([]);
  const [failure, setFailure] = useState<ServiceFailure>();
  useEffect(() => {
    const stop = new AbortController();
    const read = () =>
      Promise.all([
        ask<Counts>("/api/status", {}, stop.signal),
        ask<{ items: LastRun[] }>("/api/runs", { limit: 12 }, stop.signal),
        ask<{ items: ListedSong[] }>("/api/clips", { missing: "audio", limit: 12 }, stop.signal),
      ]).then(
        ([now, { items }, without]) => {
          setCounts(now);
          setRuns(items);
          setMissing(without.items);
          setFailure(undefined);
        },
        (error: ServiceFailure) => !stop.signal.aborted && setFailure(error),
      );
    void read();
    const timer = setInterval(() => document.visibilityState === "visible" && void read(), AGAIN_MS);
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  }, []);
  if (failure && !counts) return <Failure failure={failure} />;
  if (!counts) return <div class="view page" role="status" aria-label="Loading" />;
  const { assets, safe, clips, lastVerify, lastBackup } = counts;
  const isWhole = safe === clips && assets.failed === 0;
  return (
    <div class="view page">
      <h1 class="page-title">Status</h1>
      <section class={`proof ${isWhole ? "" : "warn"}`}>
        <Icon name={isWhole ? "verify" : "alert"} size="l" />
        <div>
          <b>
            {safe === clips
              ? `All ${count(clips, "song")} are here`
              : `${safe.toLocaleString("en")} of ${count(clips, "song")} are here`}
            , {size(assets.bytes)}
          </b>
          <p class="q">
            {[
              assets.wanted > 0 && `${count(assets.wanted, "file")} to fetch`,
              assets.failed > 0 && `${count(assets.failed, "file")} failed`,
              assets.gone > 0 && `${count(assets.gone, "file")} gone upstream`,
              lastVerify?.finishedAt
                ? `last verified ${TIME.format(new Date(lastVerify.finishedAt))}`
                : "never verified",
              lastBackup?.finishedAt ? `last backup ${TIME.format(new Date(lastBackup.finishedAt))}` : "no backup yet",
            ]
              .filter(Boolean)
              .join(" · ")}
          </p>
        </div>
        <div class="acts">
          <Start path="/api/sync" label="Sync now" icon="sync" />
          <Start path="/api/verify" label="Verify" icon="verify" />
        </div>
      </section>
      {counts.underTwoCopies > 0 && (
        <p class="note">
          <Icon name="disk" size="s" /> {count(counts.underTwoCopies, "song")}{" "}
          {counts.underTwoCopies === 1 ? "has" : "have"} no second copy in a backup:{" "}
          <code>producer-mirror backup &lt;folder on another disk&gt;</code>
        </p>
      )}
      <section class="sect">
        <h2>Songs without audio</h2>
        <p class="q">
          {missing.length === 0
            ? "None."
            : "Their records name no audio, or it is not here yet: the page of each song says which of its files is in what state."}
        </p>
        <ul class="plainlist">
          {missing.map((clip) => (
            <li key={clip.id}>
              <a href={`/song/${clip.id}`}>
                <bdi>{titleOf(clip)}</bdi>
              </a>
              <span class="q num">{clock(clip.durationSeconds)}</span>
            </li>
          ))}
        </ul>
      </section>
      <section class="sect">
        <h2>Runs</h2>
        <div class="wrapx">
          <table class="tbl">
            <thead>
              <tr>
                <th>When</th>
                <th>Outcome</th>
                <th class="r">New songs</th>
                <th class="r">Files</th>
                <th>Note</th>
              </tr>
            </thead>
            <tbody>
              {runs.map((run) => (
                <tr key={run.id}>
                  <td>{run.startedAt && TIME.format(new Date(run.startedAt))}</td>
                  <td>
                    <span class={`badge ${run.outcome === "complete" ? "ok" : "warn"}`}>
                      {run.outcome ?? "not ended"}
                    </span>
                  </td>
                  <td class="r num">{run.clips.new}</td>
                  <td class="r num">{run.assets.stored}</td>
                  <td class="q">{run.error?.message ?? ""}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
    </div>
  );
}

function Start({ path, label, icon }: { path: string; label: string; icon: "sync" | "verify" }) {
  const start = () =>
    change("POST", path).then(
      () => toast(`${label}: begun`),
      (error: ServiceFailure) => toast(error.status === 409 ? "one is already at work" : `not begun: ${error.message}`),
    );
  return (
    <button type="button" class="btn" onClick={() => void start()}>
      <Icon name={icon} size="s" /> {label}
    </button>
  );
}
