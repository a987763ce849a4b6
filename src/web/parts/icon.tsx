export type IconName =
  | "alert"
  | "chart"
  | "check"
  | "clock"
  | "close"
  | "compare"
  | "copy"
  | "disk"
  | "down"
  | "download"
  | "filter"
  | "grid"
  | "headphones"
  | "history"
  | "info"
  | "key"
  | "keyboard"
  | "left"
  | "library"
  | "lineage"
  | "link"
  | "list"
  | "lyrics"
  | "more"
  | "moon"
  | "mute"
  | "next"
  | "offline"
  | "pause"
  | "play"
  | "playlist"
  | "plus"
  | "prev"
  | "queue"
  | "repeat"
  | "right"
  | "search"
  | "seed"
  | "shuffle"
  | "sort"
  | "star"
  | "sun"
  | "sync"
  | "tag"
  | "takes"
  | "trash"
  | "verify"
  | "volume";

/** A picture without a name of its own: the button around it has one. */
export function Icon({ name, size }: { name: IconName; size?: "s" | "l" }) {
  return (
    <svg class={`ic ${size ?? ""}`} aria-hidden="true" focusable="false">
      <use href={`#i-${name}`} />
    </svg>
  );
}
