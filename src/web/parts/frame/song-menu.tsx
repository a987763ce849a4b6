import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { go } from "../../state/address.ts";
import { addToQueue, current, playNext } from "../../state/queue.ts";
import { pickSong, selected } from "../../state/selection.ts";
import { songMenu, toRemove } from "../../state/song-menu.ts";
import { titleOf, type ListedSong } from "../../state/song.ts";
import { toast } from "../../state/toasts.ts";
import { Icon, type IconName } from "../icon.tsx";
import { Rating } from "../marks.tsx";
import { PlaylistPicker } from "./playlist-picker.tsx";
import { TagPicker } from "./tag-picker.tsx";
import { closeFrom } from "../use-open.ts";
import { walk } from "../walk.ts";

/** What can be done with one song, at the pointer. */
export function SongMenu() {
  const open = songMenu.value;
  return open && <Opened key={open.clip.id} {...open} />;
}

function close(): void {
  songMenu.value = null;
}

function Opened({ clip, x, y }: { clip: ListedSong; x: number; y: number }) {
  const box = useRef<HTMLDivElement>(null);
  const before = useRef(document.activeElement as HTMLElement | null);
  const [part, setPart] = useState<"all" | "playlist" | "tag">("all");
  useLayoutEffect(() => {
    const end = closeFrom(box, close);
    return () => {
      end();
      if (document.activeElement === document.body) before.current?.focus();
    };
  }, [part]);
  useLayoutEffect(() => {
    const element = box.current?.querySelector<HTMLElement>(".drop");
    if (!element || innerWidth < 640) return;
    const { width, height } = element.getBoundingClientRect();
    element.style.left = `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`;
    element.style.top = `${Math.max(8, Math.min(y, innerHeight - height - 8))}px`;
  }, [part]);
  return (
    <div class="menu afloat" ref={box}>
      {part === "all" ? (
        <div class="drop" role="dialog" aria-label={titleOf(clip)}>
          <div class="menurate">
            <Rating clip={clip} isBig />
          </div>
          <div role="menu" aria-label={`More for ${titleOf(clip)}`} onKeyDown={walk}>
            <All clip={clip} setPart={setPart} />
          </div>
        </div>
      ) : (
        <div class="drop pad" role="dialog" aria-label={part === "tag" ? "Tag" : "Add to a playlist"}>
          {part === "tag" ? <TagPicker clips={[clip]} done={close} /> : <PlaylistPicker clips={[clip]} done={close} />}
        </div>
      )}
    </div>
  );
}

function All({ clip, setPart }: { clip: ListedSong; setPart: (part: "playlist" | "tag") => void }) {
  const hasAudio = clip.audioPath !== null;
  const other = current.value && current.value.id !== clip.id ? current.value : undefined;
  const address = `${location.origin}/song/${clip.id}`;
  return (
    <>
      {hasAudio && <Item icon="next" label="Play next" run={() => playNext([clip])} />}
      {hasAudio && <Item icon="queue" label="Add to the queue" run={() => addToQueue([clip])} />}
      <Item icon="playlist" label="Add to a playlist" run={() => setPart("playlist")} stays />
      <Item icon="tag" label="Tag" run={() => setPart("tag")} stays />
      <Item icon="check" label={selected.value.has(clip.id) ? "Deselect" : "Select"} run={() => pickSong(clip)} />
      {clip.stack ? (
        <Item
          icon="compare"
          label="Compare its takes"
          run={() => go(`/compare?ids=${clip.stack!.clips.slice(0, 12).join(",")}`)}
        />
      ) : (
        other && (
          <Item icon="compare" label="Compare with what plays" run={() => go(`/compare?ids=${other.id},${clip.id}`)} />
        )
      )}
      <Item icon="info" label="Open its page" run={() => go(`/song/${clip.id}`)} />
      <Item
        icon="link"
        label="Copy its address"
        run={() =>
          void navigator.clipboard.writeText(address).then(
            () => toast("the address is copied"),
            () => toast(`not copied: ${address}`),
          )
        }
      />
      {hasAudio && (
        <a
          role="menuitem"
          tabIndex={-1}
          class="item"
          href={`/media/${clip.id}/audio?download`}
          download
          onClick={close}
        >
          <Icon name="download" size="s" />
          <span>Download</span>
        </a>
      )}
      <Item icon="trash" label="Remove…" run={() => (toRemove.value = [clip])} isBad />
    </>
  );
}

type ItemProps = { icon: IconName; label: string; run: () => void; stays?: boolean; isBad?: boolean };

function Item({ icon, label, run, stays = false, isBad = false }: ItemProps) {
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      class={isBad ? "bad" : ""}
      onClick={() => {
        if (!stays) close();
        run();
      }}
    >
      <Icon name={icon} size="s" />
      <span>{label}</span>
    </button>
  );
}
