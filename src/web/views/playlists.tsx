import { useEffect } from "preact/hooks";
import { Icon } from "../parts/icon.tsx";
import { Popover } from "../parts/popover.tsx";
import { NewPlaylist } from "../parts/frame/side.tsx";
import { playlists, readPlaylists } from "../state/playlists.ts";
import { count, span } from "../state/song.ts";

/** All playlists; on a phone they are not in the side. */
export function Playlists() {
  useEffect(() => void readPlaylists().catch(() => {}), []);
  const all = playlists.value;
  return (
    <div class="view page">
      <header class="pagehead">
        <h1 class="page-title">Playlists</h1>
        <Popover label="New playlist" icon="plus">
          {(close) => <NewPlaylist done={close} />}
        </Popover>
      </header>
      {all?.length === 0 ? (
        <div class="center">
          <Icon name="playlist" size="l" />
          <h2>No playlists yet</h2>
          <p>Pick songs in the library (X, or a long look at the corner of a cover), then Playlist.</p>
          <a class="btn" href="/">
            To the library
          </a>
        </div>
      ) : (
        <ul class="lists">
          {all?.map(({ id, name, songs, durationSeconds }) => (
            <li key={id}>
              <a href={`/playlist/${id}`}>
                <Icon name="playlist" />
                <bdi class="trunc">{name}</bdi>
                <span class="q num">
                  {count(songs, "song")}
                  {songs > 0 && ` · ${span(durationSeconds / 60)}`}
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
