import { useEffect } from "preact/hooks";
import { Cover } from "../../parts/cover.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Lineage } from "../../parts/lineage.tsx";
import { Rating, Star } from "../../parts/marks.tsx";
import { PlaylistPicker } from "../../parts/frame/playlist-picker.tsx";
import { Popover } from "../../parts/popover.tsx";
import { Ribbon } from "../../parts/player/ribbon.tsx";
import { TagPicker } from "../../parts/frame/tag-picker.tsx";
import { TIME } from "../../parts/times.ts";
import { Waveform } from "../../parts/player/waveform.tsx";
import { ask } from "../../state/api.ts";
import { onLive } from "../../state/live.ts";
import { sectionsOf } from "../../state/lyric.ts";
import { duration, isPlaying, play, seconds, seek, toggle } from "../../state/player.ts";
import { addToQueue, current, playNext } from "../../state/queue.ts";
import { toRemove } from "../../state/song-menu.ts";
import { clock, madeBy, titleOf, type ListedSong } from "../../state/song.ts";
import { Failure } from "../library-states.tsx";
import { useAsked } from "../use-asked.ts";
import { About } from "./about.tsx";
import { Files } from "./files.tsx";
import { songOf, type Shown, type SavedVersion } from "./shown.ts";
import { Versions } from "./versions.tsx";

/** Everything about one song. */
export function ClipPage({ id }: { id: string }) {
  const { found, failure, again } = useAsked<Shown>(
    (signal) => ask(`/api/clips/${encodeURIComponent(id)}`, {}, signal),
    [id],
  );
  const versions = useAsked<{ versions: SavedVersion[] }>(
    (signal) => ask(`/api/history/${encodeURIComponent(id)}`, {}, signal),
    [id],
  ).found?.versions;
  useEffect(() => onLive((event) => isAbout(event, id) && again()), [id]);
  if (failure && !found) return <Failure failure={failure} again={again} />;
  if (!found || found.id !== id) return <div class="view page" role="status" aria-label="Loading" />;
  const clip = songOf(found);
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
              <div class="tags">
                {clip.tags.map((tag) => (
                  <a key={tag} class="chip" href={`/?tag=${encodeURIComponent(tag)}`}>
                    <bdi>{tag}</bdi>
                  </a>
                ))}
                <Popover label="Change tags" icon="plus" class="chip" isBare>
                  {(close) => (
                    <TagPicker
                      clips={[clip]}
                      done={() => {
                        close();
                        again();
                      }}
                    />
                  )}
                </Popover>
              </div>
            </div>
            <Heard clip={clip} />
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
          <Actions clip={clip} />
          <Sound clip={clip} />
          <About shown={found} clip={clip} />
          <section class="sect">
            <h2>Made from, and made into</h2>
            <Lineage id={id} />
          </section>
          <section class="sect">
            <h2>Files</h2>
            <Files files={found.files} id={id} />
          </section>
          {versions && versions.length > 1 && (
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

function isAbout(event: Record<string, unknown>, id: string): boolean {
  return event["clipId"] === id || (event["clip"] as { id?: string } | undefined)?.id === id;
}

function Heard({ clip: { plays } }: { clip: ListedSong }) {
  return (
    <div>
      <h2>Heard</h2>
      <p>{plays === 0 ? "not yet" : plays === 1 ? "once" : `${plays.toLocaleString("en")} times`}</p>
    </div>
  );
}

function Actions({ clip }: { clip: ListedSong }) {
  const hasAudio = clip.audioPath !== null;
  const sounds = current.value?.id === clip.id && isPlaying.value;
  return (
    <div class="acts">
      <button
        type="button"
        class="btn pri"
        disabled={!hasAudio}
        onClick={() => (current.value?.id === clip.id ? toggle() : play([clip], 0))}
      >
        <Icon name={sounds ? "pause" : "play"} size="s" />
        {sounds ? "Pause" : "Play"}
      </button>
      <button type="button" class="btn" disabled={!hasAudio} onClick={() => playNext([clip])}>
        Play next
      </button>
      <button type="button" class="btn" disabled={!hasAudio} onClick={() => addToQueue([clip])}>
        <Icon name="queue" size="s" /> Queue
      </button>
      <Popover label="Playlist" icon="playlist">
        {(close) => <PlaylistPicker clips={[clip]} done={close} />}
      </Popover>
      {hasAudio && (
        <a class="btn" href={`/media/${clip.id}/audio?download`} download>
          <Icon name="download" size="s" /> Download
        </a>
      )}
      <Star clip={clip} />
      <button type="button" class="ib" aria-label="Remove this song" onClick={() => (toRemove.value = [clip])}>
        <Icon name="trash" size="s" />
      </button>
    </div>
  );
}

function Sound({ clip }: { clip: ListedSong }) {
  if (clip.audioPath === null) return null;
  const isCurrent = current.value?.id === clip.id;
  const at = isCurrent ? seconds.value : 0;
  const length = isCurrent && duration.value > 0 ? duration.value : (clip.durationSeconds ?? 0);
  const seekTo = (to: number) => {
    if (!isCurrent) play([clip], 0);
    seek(to);
  };
  return (
    <>
      <Waveform
        class="tall"
        id={clip.id}
        at={at}
        length={length}
        label={`Position in ${titleOf(clip)}`}
        onSeek={seekTo}
      />
      <Ribbon sections={sectionsOf(clip.lyric)} at={at} length={length} onSeek={seekTo} />
    </>
  );
}
