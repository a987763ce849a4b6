import { useState } from "preact/hooks";
import { addToPlaylist, createPlaylist, playlists } from "../../state/playlists.ts";
import type { ListedSong } from "../../state/song.ts";
import { Icon } from "../icon.tsx";

/** Adds songs to a playlist that is there, or to a new one. */
export function PlaylistPicker({ clips, done }: { clips: ListedSong[]; done: () => void }) {
  const [name, setName] = useState("");
  const all = playlists.value ?? [];
  const make = async (wanted: string) => {
    await createPlaylist(wanted, clips);
    done();
  };
  return (
    <>
      <form
        class="inline"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) void make(name.trim());
        }}
      >
        <label class="field">
          <Icon name="plus" size="s" />
          <span class="vh">Name of a new playlist</span>
          <input
            value={name}
            placeholder="New playlist"
            maxLength={200}
            autocomplete="off"
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="btn" disabled={!name.trim()}>
          Make
        </button>
      </form>
      <ul class="choices">
        {all.map((playlist) => (
          <li key={playlist.id}>
            <button
              type="button"
              onClick={() => {
                void addToPlaylist(playlist, clips);
                done();
              }}
            >
              <Icon name="playlist" size="s" />
              <bdi class="trunc">{playlist.name}</bdi>
              <span class="q num">{playlist.songs.toLocaleString("en")}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
