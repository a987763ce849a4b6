import { useEffect, useState } from "preact/hooks";
import { Cover } from "../parts/cover.tsx";
import { Icon } from "../parts/icon.tsx";
import { Lineage } from "../parts/lineage.tsx";
import { Rating, Star } from "../parts/marks.tsx";
import { Waveform } from "../parts/waveform.tsx";
import { ask, type ServiceFailure } from "../state/api.ts";
import { clock, madeBy, size, titleOf, type ListedSong } from "../state/song.ts";
import { sectionsOf } from "../state/lyric.ts";
import { duration, isPlaying, play, seconds, seek, toggle } from "../state/player.ts";
import { addToQueue, current, playNext } from "../state/queue.ts";
import { toast } from "../state/toasts.ts";
import { Failure } from "./library-states.tsx";
import type { ShownClip } from "../../query/explain/show.ts";

type File = {
  kind: string;
  state: string;
  bytes: number | null;
  sha256: string | null;
  verifiedAt: string | null;
  lastError: string | null;
};
type Shown = Omit<ShownClip, "files"> & ListedSong & { files: File[] };
type Version = {
  version: number;
  kind: string;
  fetchedAt: string | null;
  differences: { path: string; old?: unknown; new?: unknown }[];
};

const TIME = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short" });
const PARAMETERS = ["model", "action", "seed", "sound", "topic", "state"];

/** Everything about one song. */
export function ClipPage({ id }: { id: string }) {
  const [shown, setShown] = useState<Shown>();
  const [versions, setVersions] = useState<Version[]>([]);
  const [failure, setFailure] = useState<ServiceFailure>();
  useEffect(() => {
    const stop = new AbortController();
    setFailure(undefined);
    ask<Shown>(`/api/clips/${encodeURIComponent(id)}`, {}, stop.signal).then(
      setShown,
      (error: ServiceFailure) => !stop.signal.aborted && setFailure(error),
    );
    ask<{ versions: Version[] }>(`/api/history/${encodeURIComponent(id)}`, {}, stop.signal).then(
      (found) => setVersions(found.versions),
      () => {},
    );
    return () => stop.abort();
  }, [id]);
  if (failure) return <Failure failure={failure} />;
  if (!shown || shown.id !== id) return <div class="view page" role="status" aria-label="Loading" />;
  const clip = toClip(shown);
  const isCurrent = current.value?.id === id;
  const hasAudio = clip.audioPath !== null;
  return (
    <article class="view page">
      <div class="clip">
        <div class="left">
          <Cover clip={clip} pixels={300} />
          <div class="leftmeta">
            <div>
              <h2>Rating</h2>
              <Rating clip={clip} isBig />
            </div>
            <div>
              <h2>Tags</h2>
              <p class="tags">
                {clip.tags.map((tag) => (
                  <a key={tag} class="chip" href={`/?tag=${encodeURIComponent(tag)}`}>
                    {tag}
                  </a>
                ))}
                {clip.tags.length === 0 && <span class="q">none</span>}
              </p>
            </div>
          </div>
        </div>
        <div>
          <h1>
            <bdi>{titleOf(clip)}</bdi>
          </h1>
          <p class="sub">
            <span>{madeBy(clip)}</span>
            <span>{clip.createdAt && TIME.format(new Date(clip.createdAt))}</span>
            <span class="num">{clock(clip.durationSeconds)}</span>
          </p>
          <div class="acts">
            <button
              type="button"
              class="btn pri"
              disabled={!hasAudio}
              onClick={() => (isCurrent ? toggle() : play([clip], 0))}
            >
              <Icon name={isCurrent && isPlaying.value ? "pause" : "play"} size="s" />
              {isCurrent && isPlaying.value ? "Pause" : "Play"}
            </button>
            <button type="button" class="btn" disabled={!hasAudio} onClick={() => playNext([clip])}>
              Play next
            </button>
            <button type="button" class="btn" disabled={!hasAudio} onClick={() => addToQueue([clip])}>
              <Icon name="queue" size="s" /> Queue
            </button>
            <Star clip={clip} />
            {hasAudio && (
              <a class="btn" href={`/media/${id}/audio?download`} download>
                <Icon name="download" size="s" /> Download
              </a>
            )}
          </div>
          {hasAudio && (
            <Waveform
              class="tall"
              id={id}
              at={isCurrent ? seconds.value : 0}
              length={isCurrent ? duration.value : (clip.durationSeconds ?? 0)}
              label={`Position in ${titleOf(clip)}`}
              onSeek={(to) => {
                if (!isCurrent) play([clip], 0);
                seek(to);
              }}
            />
          )}
          <div class="two">
            <section class="sect">
              <h2>Lyric</h2>
              <Poem lyric={clip.lyric} />
            </section>
            <section class="sect">
              <h2>Prompt</h2>
              <p class="prompt" dir="auto">
                {clip.prompt || "none"}
              </p>
              <h2 class="later">Parameters</h2>
              <dl class="params">
                {PARAMETERS.filter(
                  (name) => shown[name] !== null && shown[name] !== undefined && shown[name] !== "",
                ).map((name) => (
                  <>
                    <dt>{name.replaceAll(/([A-Z])/g, " $1").toLowerCase()}</dt>
                    <dd class={name === "seed" ? "mono" : ""}>{String(shown[name])}</dd>
                  </>
                ))}
              </dl>
              <Request taskId={clip.taskId} />
            </section>
          </div>
          <section class="sect">
            <h2>Made from, and made into</h2>
            <Lineage id={id} />
          </section>
          <section class="sect">
            <h2>Files</h2>
            <Files files={shown.files} id={id} />
          </section>
          {versions.length > 1 && (
            <section class="sect">
              <h2>Versions</h2>
              <Versions versions={versions} />
            </section>
          )}
        </div>
      </div>
    </article>
  );
}

/** The page of a song has its files; lists have the paths of two of them. */
function toClip(shown: Shown): ListedSong {
  const isStored = (kind: string) => shown.files.some((file) => file.kind === kind && file.state === "stored");
  return { ...shown, audioPath: isStored("audio") ? "stored" : null, imagePath: isStored("image") ? "stored" : null };
}

function Poem({ lyric }: { lyric: string | null }) {
  const sections = sectionsOf(lyric);
  if (sections.length === 0) return <p class="q">No words.</p>;
  return (
    <div class="poem">
      {sections.map(({ name, lines }, at) => (
        <div key={at}>
          {name && <h3>{name}</h3>}
          {lines.map(({ text }, line) => (
            <p key={line} dir="auto">
              {text || "\u00a0"}
            </p>
          ))}
        </div>
      ))}
    </div>
  );
}

/** The request that made the song, to copy. */
function Request({ taskId }: { taskId: string }) {
  const copy = async () => {
    const task = await ask<Record<string, unknown>>(`/api/tasks/${taskId}`);
    await navigator.clipboard.writeText(JSON.stringify(task, null, 2));
    toast("the task is copied as JSON");
  };
  return (
    <button
      type="button"
      class="btn later"
      onClick={() => void copy().catch((error: Error) => toast(`not copied: ${error.message}`))}
    >
      <Icon name="copy" size="s" /> Copy the task as JSON
    </button>
  );
}

function Files({ files, id }: { files: File[]; id: string }) {
  if (files.length === 0) return <p class="q">The record names no file.</p>;
  return (
    <div class="wrapx">
      <table class="tbl">
        <thead>
          <tr>
            <th>Kind</th>
            <th>State</th>
            <th class="r">Size</th>
            <th>Last checked</th>
            <th>Digest</th>
          </tr>
        </thead>
        <tbody>
          {files.map((file) => (
            <tr key={file.kind}>
              <td>
                {file.state === "stored" ? (
                  <a href={`/media/${id}/${file.kind}?download`} download>
                    {file.kind}
                  </a>
                ) : (
                  file.kind
                )}
              </td>
              <td>
                <span class={`badge ${file.state === "stored" ? "ok" : file.state === "wanted" ? "" : "warn"}`}>
                  {file.state}
                </span>
                {file.lastError && <small class="q"> {file.lastError}</small>}
              </td>
              <td class="r num">{file.bytes === null ? "" : size(file.bytes)}</td>
              <td>{file.verifiedAt ? TIME.format(new Date(file.verifiedAt)) : "not yet"}</td>
              <td class="mono q">{file.sha256?.slice(0, 16)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Versions({ versions }: { versions: Version[] }) {
  return (
    <ol class="versions">
      {versions.toReversed().map(({ version, fetchedAt, differences }) => (
        <li key={version}>
          <b>Version {version}</b> <span class="q">{fetchedAt && TIME.format(new Date(fetchedAt))}</span>
          {differences.slice(0, 12).map(({ path, ...sides }) => (
            <p key={path} class="mono">
              {path}: <del>{short(sides.old)}</del> <ins>{short(sides.new)}</ins>
            </p>
          ))}
        </li>
      ))}
    </ol>
  );
}

function short(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
