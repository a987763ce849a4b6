import { useEffect, useState } from "preact/hooks";
import { ask } from "../../state/api.ts";
import { tagAll } from "../../state/bulk.ts";
import type { ListedSong } from "../../state/song.ts";
import { Icon } from "../icon.tsx";

type Tag = { tag: string; clips: number };

/** Gives songs a tag that is in use, or a new one; a tag that all of them have is taken off. */
export function TagPicker({ clips, done }: { clips: ListedSong[]; done: () => void }) {
  const [name, setName] = useState("");
  const [known, setKnown] = useState<Tag[]>([]);
  useEffect(() => {
    const stop = new AbortController();
    ask<{ items: Tag[] }>("/api/tags", {}, stop.signal).then(
      ({ items }) => setKnown(items),
      () => {},
    );
    return () => stop.abort();
  }, []);
  const wanted = name.trim();
  const shown = known.filter(({ tag }) => tag.toLowerCase().includes(wanted.toLowerCase()));
  const choose = (tag: string, isOn: boolean) => {
    void tagAll(clips, tag, isOn);
    done();
  };
  return (
    <>
      <form
        class="inline"
        onSubmit={(event) => {
          event.preventDefault();
          if (wanted) choose(wanted, true);
        }}
      >
        <label class="field">
          <Icon name="tag" size="s" />
          <span class="vh">Tag</span>
          <input
            value={name}
            placeholder="A tag"
            maxLength={100}
            autocomplete="off"
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="btn" disabled={!wanted}>
          Tag
        </button>
      </form>
      <ul class="choices">
        {shown.slice(0, 50).map(({ tag, clips: number }) => {
          const isOnAll = clips.every(({ tags }) => tags.includes(tag));
          return (
            <li key={tag}>
              <button type="button" role="checkbox" aria-checked={isOnAll} onClick={() => choose(tag, !isOnAll)}>
                <span class="check">
                  <Icon name="check" />
                </span>
                <bdi class="trunc">{tag}</bdi>
                <span class="q num">{number.toLocaleString("en")}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </>
  );
}
