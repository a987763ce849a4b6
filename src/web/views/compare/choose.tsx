import { useEffect, useState } from "preact/hooks";
import { Icon } from "../../parts/icon.tsx";
import { go, withWords } from "../../state/address.ts";
import { ask } from "../../state/api.ts";
import { titleOf, type ListedSong } from "../../state/song.ts";

/** Without songs in the address: the newest family of takes to begin with. */
export function Choose() {
  const [takes, setTakes] = useState<ListedSong[]>([]);
  useEffect(() => {
    ask<{ items: ListedSong[] }>("/api/clips", { limit: 200, has: "audio" }).then(
      ({ items }) => setTakes(firstTakes(items)),
      () => {},
    );
  }, []);
  return (
    <div class="center">
      <Icon name="compare" size="l" />
      <h1>Compare takes of a song</h1>
      <p>Pick two or more songs in the library (X), then Compare (C): they play at one place, and one key switches.</p>
      {takes.length >= 2 && (
        <button
          type="button"
          class="btn pri"
          onClick={() => go(withWords({ ids: takes.map(({ id }) => id).join(",") }))}
        >
          Compare the newest takes: {titleOf(takes[0]!)}
        </button>
      )}
    </div>
  );
}

/** The newest songs of one title, or else the two newest. */
function firstTakes(clips: ListedSong[]): ListedSong[] {
  const groups = [
    ...Map.groupBy(
      clips.filter(({ title }) => title),
      ({ title }) => title,
    ).values(),
  ];
  return (groups.find((group) => group.length >= 2) ?? clips.slice(0, 2)).slice(0, 12);
}
