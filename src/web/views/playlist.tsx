import { useEffect, useRef, useState } from "preact/hooks";
import { ExportPanel } from "../parts/frame/export-panel.tsx";
import { Icon } from "../parts/icon.tsx";
import { PlaylistEntries } from "../parts/list/playlist-entries.tsx";
import { Popover } from "../parts/popover.tsx";
import { go } from "../state/address.ts";
import { ask, isUnreachable, type ServiceFailure } from "../state/api.ts";
import { play } from "../state/player.ts";
import { shuffle } from "../state/queue.ts";
import { removePlaylist, renamePlaylist, shownPlaylist } from "../state/playlists.ts";
import { count, span } from "../state/song.ts";
import type { ShownPlaylist } from "../../query/playlists/playlists.ts";
import { Failure } from "./library-states.tsx";

/** One playlist: played, ordered, named. */
export function PlaylistPage({ id }: { id: string }) {
  const [failure, setFailure] = useState<ServiceFailure>();
  const isLost = isUnreachable.value;
  const read = (signal?: AbortSignal) =>
    ask<ShownPlaylist>(`/api/playlists/${encodeURIComponent(id)}`, {}, signal).then(
      (found) => {
        shownPlaylist.value = found;
        setFailure(undefined);
      },
      (error: ServiceFailure) => !signal?.aborted && setFailure(error),
    );
  useEffect(() => {
    const stop = new AbortController();
    if (!isLost) void read(stop.signal);
    return () => stop.abort();
  }, [id, isLost]);
  const playlist = shownPlaylist.value?.id === id ? shownPlaylist.value : undefined;
  if (failure && !playlist) return <Failure failure={failure} again={() => void read()} />;
  if (!playlist) return <div class="view" role="status" aria-label="Loading" />;
  return (
    <div class="view">
      <Head playlist={playlist} />
      {playlist.clips.length === 0 ? (
        <div class="center">
          <Icon name="playlist" size="l" />
          <h2>Nothing in it yet</h2>
          <p>Pick songs in the library, then Playlist: they come here at the end.</p>
          <a class="btn" href="/">
            To the library
          </a>
        </div>
      ) : (
        <PlaylistEntries key={id} playlist={playlist} />
      )}
    </div>
  );
}

function Head({ playlist }: { playlist: ShownPlaylist }) {
  const { clips, songs, durationSeconds } = playlist;
  const playable = clips.filter(({ audioPath }) => audioPath !== null);
  return (
    <header class="listhead">
      <div>
        <Name key={playlist.name} playlist={playlist} />
        <p class="sub">
          <span>{count(songs, "song")}</span>
          {songs > 0 && <span>{span(durationSeconds / 60)}</span>}
          {playable.length < clips.length && <span class="lacks">{clips.length - playable.length} without audio</span>}
        </p>
      </div>
      <div class="acts">
        <button type="button" class="btn pri" disabled={playable.length === 0} onClick={() => play(playable, 0)}>
          <Icon name="play" size="s" /> Play
        </button>
        <button
          type="button"
          class="btn"
          disabled={playable.length < 2}
          onClick={() => {
            play(playable, Math.floor(Math.random() * playable.length));
            shuffle();
          }}
        >
          <Icon name="shuffle" size="s" /> <span class="label">Shuffle</span>
        </button>
        <Popover label="Export" icon="download">
          {(close) => <ExportPanel clips={clips} playlist={playlist.name} done={close} />}
        </Popover>
        <button
          type="button"
          class="btn"
          onClick={() => {
            void removePlaylist(playlist);
            go("/playlists");
          }}
        >
          <Icon name="trash" size="s" /> <span class="label">Remove list</span>
        </button>
      </div>
    </header>
  );
}

/** The name is a heading that one writes in. */
function Name({ playlist }: { playlist: ShownPlaylist }) {
  const [isEdited, setEdited] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isEdited) field.current?.select();
  }, [isEdited]);
  if (!isEdited)
    return (
      <h1>
        <bdi>{playlist.name}</bdi>
        <button type="button" class="link" onClick={() => setEdited(true)}>
          Rename
        </button>
      </h1>
    );
  const save = (text: string) => {
    setEdited(false);
    if (text.trim() && text.trim() !== playlist.name) void renamePlaylist(playlist, text.trim());
  };
  return (
    <form
      class="inline"
      onSubmit={(event) => {
        event.preventDefault();
        save(field.current?.value ?? "");
      }}
    >
      <label class="field">
        <span class="vh">Name of the playlist</span>
        <input
          ref={field}
          defaultValue={playlist.name}
          maxLength={200}
          onKeyDown={(event) => event.key === "Escape" && setEdited(false)}
        />
      </label>
      <button type="submit" class="btn pri">
        Rename
      </button>
    </form>
  );
}
